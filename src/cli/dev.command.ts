// `passbook dev`: a serving Passbook with a key and rows to look at, for whoever has just cloned it.
import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { Command } from 'commander';
import { ApiKeysService } from '../auth/api-keys.service.js';
import { isKey, makeKey } from '../auth/key-secret.js';
import { readSettings, type Settings } from '../config/settings.js';
import { describeTarget } from '../config/store-target.js';
import { DOCS_PATH } from '../http/openapi.js';
import { listen } from '../listen.js';
import { createServer } from '../server.js';
import { stopOnSignal } from '../stop-on-signal.js';
import { CommandFailed } from './command-failed.js';
import { EXIT } from './exit-codes.js';
import { linkSandbox } from './link-sandbox.js';

const KEY_FILE = './data/dev-api-key';

export function devCommand(): Command {
  return new Command('dev')
    .summary('serve for development, with a key and a sandbox bank')
    .description(
      `Serves like main.js, and besides keeps an API key in ${KEY_FILE} (mode 0600; the store holds its hash), links the\n` +
        'built-in sandbox bank when the store has no accounts, and says how to look at them. Not for production.',
    )
    .action(dev);
}

async function dev(): Promise<void> {
  const settings = readSettings(process.env);
  if (settings.isProduction)
    throw new CommandFailed('"passbook dev" is not for production: run "node dist/src/main.js".', EXIT.usage);
  const app = await createServer(settings);
  stopOnSignal(app, settings.shutdownGraceMs);
  const url = await listen(app, settings);
  const key = keptKey(resolve(KEY_FILE));
  await app.get(ApiKeysService).adopt(key, { name: 'development', scope: 'admin' });
  const linked = await linkSandbox(app);
  process.stdout.write(greeting(settings, url, key, linked));
}

/** The key of the file; made when there is none. */
function keptKey(path: string): string {
  if (existsSync(path)) {
    const kept = readFileSync(path, 'utf8').trim();
    if (!isKey(kept))
      throw new CommandFailed(`${path} holds no API key. Remove it, and a new one is made.`, EXIT.failed);
    chmodSync(path, 0o600);
    return kept;
  }
  const { key } = makeKey();
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, `${key}\n`, { mode: 0o600, flag: 'wx' });
  return key;
}

function greeting(settings: Settings, url: string, key: string, linked: string | undefined): string {
  const curl = (path: string): string => `  curl -s -H 'Authorization: Bearer ${key}' '${url}${path}'`;
  return [
    '',
    'Passbook is ready.',
    '',
    `  Listens on   ${url}`,
    `  API page     ${url}/${DOCS_PATH}`,
    `  Store        ${describeTarget(settings.store)}`,
    `  API key      ${key}  (kept in ${KEY_FILE})`,
    ...(linked === undefined ? [] : [`  Sandbox      ${linked}`]),
    '',
    'Accounts with their balances, and the newest lines:',
    '',
    curl('/v1/accounts'),
    curl('/v1/transactions?limit=5'),
    '',
    'Ctrl-C ends it; the data stays.',
    '',
    '',
  ].join('\n');
}
