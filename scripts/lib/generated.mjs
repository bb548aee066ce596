// The files that the program writes about itself. They are committed, so that a change of them is seen; the binary prints those that
// it knows, and the client's types are made from what it printed.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { root, run } from './run.mjs';

const PASSBOOK = 'dist/src/cli/passbook.js';

/** @typedef {(made: ReadonlyMap<string, string>) => Promise<{ text: string } | { problem: string }>} Make told of the files made before */

/** @type {readonly { file: string, make: Make }[]} */
const GENERATED = [
  { file: 'openapi.json', make: () => printed('openapi') },
  { file: 'docs/configuration.md', make: () => printed('configuration') },
  { file: 'docs/errors.md', make: () => printed('errors') },
  { file: 'client/openapi.d.ts', make: (made) => typesOf(made.get('openapi.json')) },
];

/** Writes them all. @returns {Promise<import('./run.mjs').Ran>} */
export function writeGenerated() {
  return eachGenerated(({ file, text }) => {
    writeFileSync(join(root, file), text);
    return undefined;
  });
}

/** Compares them all, and names the stale ones. @returns {Promise<import('./run.mjs').Ran>} */
export function compareGenerated() {
  return eachGenerated(({ file, text }) => {
    const committed = readOrEmpty(join(root, file));
    return committed === text ? undefined : `${file} is stale: run "npm run generate" and commit it\n`;
  });
}

/**
 * @param {(made: { file: string, text: string }) => string | undefined} judge what is wrong with it, if anything
 * @returns {Promise<import('./run.mjs').Ran>}
 */
async function eachGenerated(judge) {
  let output = '';
  /** @type {Map<string, string>} */
  const made = new Map();
  for (const { file, make } of GENERATED) {
    const one = await make(made);
    if ('problem' in one) {
      output += `${file} was not made:\n${one.problem}\n`;
      continue;
    }
    made.set(file, one.text);
    output += judge({ file, text: one.text }) ?? '';
  }
  return { code: output === '' ? 0 : 1, stdout: '', output };
}

/** @param {string} what @returns {ReturnType<Make>} */
async function printed(what) {
  // Nothing of the caller's environment may find its way into a committed file.
  const env = { PATH: process.env.PATH, HOME: process.env.HOME };
  const { code, stdout, output } = await run(process.execPath, [PASSBOOK, 'generate', what], { env });
  return code === 0 ? { text: stdout } : { problem: output };
}

/** The document as types. @param {string | undefined} document @returns {ReturnType<Make>} */
async function typesOf(document) {
  if (document === undefined) return { problem: 'there is no document to make it from' };
  // Not above: this file is read before anything is installed.
  const { default: openapiTS, astToString, COMMENT_HEADER } = await import('openapi-typescript');
  return { text: COMMENT_HEADER + astToString(await openapiTS(document)) };
}

/** @param {string} path */
function readOrEmpty(path) {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
