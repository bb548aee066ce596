// What was measured, as a table for people and a file for programs.
import { mkdirSync, writeFileSync } from 'node:fs';
import { availableParallelism, totalmem } from 'node:os';
import { join } from 'node:path';
import { RESULTS } from './servers.mjs';

/**
 * @typedef {object} Line
 * @property {string} what
 * @property {string} ours
 * @property {string} theirs
 * @property {number} [ratio] of the rates
 * @property {readonly number[]} [spread] the ratio in each round
 * @property {number} [work] the other's own work for an answer, divided by ours
 * @property {string} [aim]
 * @property {boolean} [met]
 */

/** @param {readonly number[]} values */
export function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

/**
 * What was measured one right after the other is compared: the machine was the same then. The median of the rounds' quotients, and all of them.
 * @param {readonly number[]} ours @param {readonly number[]} theirs
 */
export function quotient(ours, theirs) {
  const all = ours.map((value, round) => value / theirs[round]);
  return { ratio: median(all), spread: all };
}

/** @param {number} number */
export function figure(number) {
  if (number >= 100) return Math.round(number).toLocaleString('en-US');
  return number >= 10 ? number.toFixed(1) : number.toFixed(2);
}

/** @param {readonly Line[]} lines */
export function table(lines) {
  const rows = lines.map(({ what, ours, theirs, ratio, spread = [], work, aim = '', met }) => {
    const range = spread.length > 1 ? ` (${Math.min(...spread).toFixed(2)}–${Math.max(...spread).toFixed(2)})` : '';
    const verdict = met === undefined ? '' : met ? 'met' : '**missed**';
    const ratios = [
      ratio === undefined ? '' : `${ratio.toFixed(2)}${range}`,
      work === undefined ? '' : work.toFixed(2),
    ];
    return `| ${[what, ours, theirs, ...ratios, aim, verdict].join(' | ')} |`;
  });
  return [
    '| what | Passbook | compared with | ratio (lowest–highest round) | of own work | aim | |',
    '|---|---|---|---|---|---|---|',
    ...rows,
  ].join('\n');
}

/** @param {string} name @param {Record<string, unknown>} how @param {readonly Line[]} lines */
export function publish(name, how, lines) {
  const machine = {
    cores: availableParallelism(),
    memoryGib: Math.round(totalmem() / 2 ** 30),
    node: process.version,
  };
  mkdirSync(RESULTS, { recursive: true });
  writeFileSync(join(RESULTS, `${name}.json`), `${JSON.stringify({ machine, how, lines }, null, 2)}\n`);
  const said = Object.entries({ ...machine, ...how }).map(([key, value]) => `${key} ${String(value)}`);
  console.log(`\n${said.join(' · ')}\n\n${table(lines)}`);
}
