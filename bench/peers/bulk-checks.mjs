// How long it takes to judge the rows of a bulk: as the service does, row by row with class-validator, and by a schema compiled with ajv.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import 'reflect-metadata';
import { load, ROOT } from '../lib/dist.mjs';
import { median } from '../lib/report.mjs';

/** @param {readonly object[]} rows @param {number} rounds @returns {Promise<{ what: string, ms: number }[]>} */
export async function timeChecks(rows, rounds) {
  const { readRow } = await load('src/http/read-row.js');
  const { NewTransactionRequest } = await load('src/transactions/transactions.dto.js');
  const { components } = JSON.parse(readFileSync(join(ROOT, 'openapi.json'), 'utf8'));
  const { NewTransactionRequest: schema } = components.schemas;
  const check = new Ajv2020({ strict: false, validateFormats: false }).compile({
    ...schema,
    additionalProperties: false,
  });
  const contenders = {
    'the service (class-validator, and values made of what is right)': () =>
      rows.forEach((row, index) => readRow(NewTransactionRequest, row, `/transactions/${index}`)),
    'the same rows by a schema compiled with ajv (the form only)': () => {
      if (!rows.every((row) => check(row))) throw new Error(JSON.stringify(check.errors));
    },
  };
  return Object.entries(contenders).map(([what, work]) => ({ what, ms: timed(work, rounds) }));
}

/** @param {() => void} work @param {number} rounds */
function timed(work, rounds) {
  const took = Array.from({ length: rounds * 4 }, () => {
    const started = performance.now();
    work();
    return performance.now() - started;
  });
  // The first half warms up.
  return median(took.slice(rounds * 2));
}
