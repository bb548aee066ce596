// `passbook dev`: a serving Passbook with a key and rows to look at, for whoever has just cloned it.
import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { type NestFastifyApplication } from '@nestjs/platform-fastify';
import { Command } from 'commander';
import { ApiKeysService } from '../auth/api-keys.service.js';
import { isKey, makeKey } from '../auth/key-secret.js';
import { readSettings, type Settings } from '../config/settings.js';
import { describeTarget } from '../config/store-target.js';
import { Refusal } from '../common/domain-error.js';
import { StoreInspector } from '../database/store-condition.js';
import { StoreKeeper } from '../database/store-keeper.js';
import { DOCS_PATH } from '../http/openapi.js';
import { listen } from '../listen.js';
import { createServer } from '../server.js';
import { stopOnSignal } from '../stop-on-signal.js';
import { CommandFailed } from './command-failed.js';
import { EXIT } from '../common/exit-codes.js';
import { linkSandbox } from './link-sandbox.js';
import { linkTeller } from './link-teller.js';

const KEY_FILE = './data/dev-api-key';

/** Of which bank, and what was done there, in a line. */
interface Linked {
  readonly bank: string;
  readonly done: string | undefined;
}

export function devCommand(): Command {
  return new Command('dev')
    .summary('serve for development, with a key and a sandbox bank')
    .description(
      `Serves like main.js, and besides keeps an API key in ${KEY_FILE} (mode 0600; the store holds its hash), links the\n` +
        'built-in sandbox bank when the store has no accounts (with TELLER_ACCESS_TOKEN: the bank that the token is of), and\n' +
        'says how to look at them. Not for production.',
    )
    .action(dev);
}

async function dev(): Promise<void> {
  const settings = readSettings(process.env);
  if (settings.isProduction)
    throw new CommandFailed('"passbook dev" is not for production: run "node dist/src/main.js".', EXIT.usage);
  const key = keptKey(resolve(KEY_FILE));
  const app = await createServer(settings);
  const stopping = stopOnSignal(app, settings);
  try {
    const url = await listen(app, settings);
    await requireStore(app);
    await app.get(ApiKeysService).adopt(key, { name: 'development', scope: 'admin' });
    process.stdout.write(greeting(settings, url, key, await linkBank(app, settings)));
  } catch (error) {
    // Else the server would go on without having said where and with which key.
    await app.close();
    // Asked to end while it started, it has.
    if (!stopping.isUnderWay) throw error;
  }
}

/** Real accounts where somebody has a token for them, else invented ones. */
async function linkBank(app: NestFastifyApplication, { teller }: Settings): Promise<Linked> {
  if (teller?.accessToken === undefined) return { bank: 'Sandbox', done: await linkSandbox(app) };
  return { bank: 'Teller', done: await linkTeller(app, teller, teller.accessToken) };
}

/** The server waits for its store; nobody wants to wait at a prompt. */
async function requireStore(app: NestFastifyApplication): Promise<void> {
  const { isOpen, lastError } = app.get(StoreKeeper);
  if (!isOpen && lastError instanceof Refusal) throw lastError;
  const { fault, pending } = await app.get(StoreInspector).inspect();
  if (fault !== undefined) throw new CommandFailed(fault, pending > 0 ? EXIT.pending : EXIT.unavailable);
}

/** The key of the file; made when there is none. */
function keptKey(path: string): string {
  try {
    if (!existsSync(path)) {
      mkdirSync(dirname(path), { recursive: true });
      writeFileSync(path, `${makeKey().key}\n`, { mode: 0o600, flag: 'wx' });
    }
    chmodSync(path, 0o600);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new CommandFailed(`The API key cannot be kept in ${path}: ${why}`, EXIT.failed);
  }
  const key = readFileSync(path, 'utf8').trim();
  if (!isKey(key)) throw new CommandFailed(`${path} holds no API key. Remove it, and a new one is made.`, EXIT.failed);
  return key;
}

function greeting(settings: Settings, url: string, key: string, { bank, done }: Linked): string {
  const curl = (path: string): string => `  curl -s -H 'Authorization: Bearer ${key}' '${url}${path}'`;
  return [
    '',
    'Passbook is ready.',
    '',
    `  Listens on   ${url}`,
    `  API page     ${url}/${DOCS_PATH}`,
    `  Store        ${describeTarget(settings.store)}`,
    `  API key      ${key}  (kept in ${KEY_FILE})`,
    ...(done === undefined ? [] : [`  ${bank.padEnd(12)} ${done}`]),
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
