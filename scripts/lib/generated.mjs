// The files that the program writes about itself. They are committed, so that a change of them is seen; the binary prints each.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { root, run } from './run.mjs';

const PASSBOOK = 'dist/src/cli/passbook.js';

const GENERATED = [
  { file: 'openapi.json', what: 'openapi' },
  { file: 'docs/configuration.md', what: 'configuration' },
  { file: 'docs/errors.md', what: 'errors' },
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
  for (const { file, what } of GENERATED) {
    // Nothing of the caller's environment may find its way into a committed file.
    const env = { PATH: process.env.PATH, HOME: process.env.HOME };
    const made = await run(process.execPath, [PASSBOOK, 'generate', what], { env });
    output += made.code === 0 ? (judge({ file, text: made.stdout }) ?? '') : `${file} was not made:\n${made.output}\n`;
  }
  return { code: output === '' ? 0 : 1, stdout: '', output };
}

/** @param {string} path */
function readOrEmpty(path) {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
