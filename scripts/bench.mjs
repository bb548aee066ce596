// `npm run bench -- <name>`: measures with bench/<name>.mjs; further arguments are passed on.
import './lib/require-node.mjs';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { prepareOrExit } from './lib/prepare.mjs';
import { root, run } from './lib/run.mjs';

const folder = join(root, 'bench');
const [name, ...args] = process.argv.slice(2);
const names = existsSync(folder) ? readdirSync(folder).flatMap((file) => /^([\w-]+)\.mjs$/.exec(file)?.[1] ?? []) : [];

if (name === undefined || !names.includes(name)) {
  console.error(`npm run bench -- <${names.join('|')}>`);
  process.exit(2);
}
await prepareOrExit();
process.exitCode = (await run(process.execPath, [`bench/${name}.mjs`, ...args], { shown: true })).code;
