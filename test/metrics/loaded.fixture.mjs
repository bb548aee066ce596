// Preloaded into a server: says each package beside the program that its modules import, once.
import { writeSync } from 'node:fs';
import { register } from 'node:module';
import { isMainThread } from 'node:worker_threads';

if (isMainThread) register(import.meta.url);

const said = new Set();

/** @param {string} url @param {object} context @param {(url: string, context: object) => Promise<object>} next */
export async function load(url, context, next) {
  const name = /node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(url)?.[1];
  if (name !== undefined && !said.has(name)) {
    said.add(name);
    writeSync(2, `loaded ${name}\n`);
  }
  return next(url, context);
}
