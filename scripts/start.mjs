// `npm start`: from a fresh clone to a serving Passbook for development. Each step does nothing when there is nothing to do.
import './lib/require-node.mjs';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { keptEncryptionKey } from './lib/dev-encryption-key.mjs';
import { prepareOrExit } from './lib/prepare.mjs';
import { root, run } from './lib/run.mjs';

refuseInProduction();
requireWritable(join(root, 'data'));
provideEncryptionKey(join(root, 'data', 'dev-encryption-key'));
await prepareOrExit();

// The server never changes the schema; here, too, it is a step of its own.
console.log('Bringing the schema up to date: node dist/src/migrate.js up');
const migrated = await run(process.execPath, ['dist/src/migrate.js', 'up'], { shown: true });
if (migrated.code !== 0) process.exit(migrated.code);

const served = await run(process.execPath, ['dist/src/cli/passbook.js', 'dev', ...process.argv.slice(2)], {
  shown: true,
  isLast: true,
});
process.exit(served.code);

function refuseInProduction() {
  for (const name of ['NODE_ENV', 'ENV']) {
    if (process.env[name]?.trim().toLowerCase() !== 'production') continue;
    console.error(
      `npm start is for development, and ${name} is "production". Run instead, after "npm ci" and "npm run build":\n` +
        '  node dist/src/migrate.js up   # brings the schema up to date\n' +
        '  node dist/src/main.js         # serves',
    );
    process.exit(1);
  }
}

/** A real bank's tokens are kept sealed; in development, too, and by a key that is made here, never by the server. @param {string} path */
function provideEncryptionKey(path) {
  if ((process.env.TELLER_ENVIRONMENT ?? '') === '' || (process.env.ENCRYPTION_KEYS ?? '') !== '') return;
  try {
    const { keys, isNew } = keptEncryptionKey(path);
    process.env.ENCRYPTION_KEYS = keys;
    console.log(
      `ENCRYPTION_KEYS is not set: access tokens are kept with a key of this clone's own, ${isNew ? 'made and ' : ''}kept in ${path}`,
    );
  } catch (error) {
    console.error(error instanceof Error ? error.message : String(error));
    process.exit(1);
  }
}

/** Trying is the only sure way: permissions say nothing about a read-only disk. @param {string} folder */
function requireWritable(folder) {
  const probe = join(folder, `.writable-${process.pid}`);
  try {
    mkdirSync(folder, { recursive: true });
    writeFileSync(probe, '');
    rmSync(probe);
  } catch (error) {
    console.error(`Passbook keeps its data in ${folder} and cannot write there (${codeOf(error)}).`);
    process.exit(1);
  }
}

/** @param {unknown} error */
function codeOf(error) {
  return error instanceof Error && 'code' in error ? String(error.code) : String(error);
}
