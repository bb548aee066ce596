// `passbook keys`: the first key of an installation, and the last resort when none is known.
import { Command, InvalidArgumentError, Option } from 'commander';
import { ApiKeysRepository } from '../auth/api-keys.repository.js';
import { ApiKeysService } from '../auth/api-keys.service.js';
import { type ApiKeyView, newApiKeyView } from '../auth/api-keys.dto.js';
import { KEY_SCOPES, type KeyScope } from '../auth/principal.js';
import { Recorder } from '../changes/recorder.js';
import { type Instant, parseInstant, SystemClock } from '../common/clock.js';
import { ValueInvalid } from '../common/domain-error.js';
import { type ApiKeyId, parseId, UuidV7Source } from '../common/ids.js';
import { type Owner, parseOwner } from '../common/owner.js';
import { readSettings } from '../config/settings.js';
import { ofEveryOwner } from '../database/scope.js';
import { openDatabase } from '../database/standalone.js';
import { ENTITIES } from '../entities.js';
import { PAGE_LIMIT_MAX } from '../http/page.dto.js';

const ABOUT = `Keys let programs in: "Authorization: Bearer pbk_…" or "X-API-Key: pbk_…".

On PostgreSQL these commands work beside running servers. On SQLite they need the store for themselves: while a server
has it, use POST /v1/keys instead.

Examples:
  passbook keys create --name "first admin" --scope admin
  passbook keys create --name dashboard --scope read --owner alice --expires 2027-01-01T00:00:00Z
  passbook keys list --json
  passbook keys revoke key_0192f0c1a2b37c4d8e9f00112233445566`;

const BY_COMMAND = ofEveryOwner('keys belong to the installation', { name: 'passbook keys', requestId: null });

interface CreateOptions {
  name: string;
  scope: KeyScope;
  owner?: Owner;
  expires?: Instant;
  json?: boolean;
}

export function keysCommand(): Command {
  const keys = new Command('keys').summary('make, list and revoke API keys').description(ABOUT);
  keys
    .command('create')
    .description('Makes a key and prints it, this once.')
    .requiredOption('--name <text>', 'by which people know it again')
    .addOption(new Option('--scope <scope>', 'each contains the ones before it').choices(KEY_SCOPES).default('read'))
    .option('--owner <owner>', 'whose data alone it reaches; all when left out', said(parseOwner))
    .option('--expires <moment>', 'when it stops working, like 2027-01-01T00:00:00Z', said(parseInstant))
    .option('--json', 'print JSON')
    .action(create);
  keys
    .command('list')
    .description('Lists every key, without the keys themselves.')
    .option('--json', 'print JSON')
    .action(list);
  keys
    .command('revoke')
    .description('Revokes a key; within a second no server takes it any more.')
    .argument(
      '<id>',
      'the id of the key',
      said((text) => parseId('apiKey', text)),
    )
    .option('--json', 'print JSON')
    .action(revoke);
  return keys;
}

async function create({ name, scope, owner, expires, json }: CreateOptions): Promise<void> {
  const request = {
    name,
    scope,
    ...(owner === undefined ? {} : { owner }),
    ...(expires === undefined ? {} : { expiresAt: expires }),
  };
  const made = await withKeys((keys) => keys.create(request, BY_COMMAND), true);
  const { key, apiKey } = made;
  if (json === true) print(JSON.stringify(newApiKeyView(made)));
  else print(`${key}\n\nThis is key ${apiKey.id} (${apiKey.name}, ${apiKey.scope}). It is shown this once.`);
}

async function list({ json }: { json?: boolean }): Promise<void> {
  const views = await withKeys(everyKey, false);
  print(
    json === true
      ? JSON.stringify({ data: views })
      : views.length === 0
        ? 'There are no keys.'
        : views.map(lineOf).join('\n'),
  );
}

async function revoke(id: ApiKeyId, { json }: { json?: boolean }): Promise<void> {
  const view = await withKeys((keys) => keys.revoke(id, BY_COMMAND), true);
  print(json === true ? JSON.stringify(view) : lineOf(view));
}

function lineOf({ id, preview, name, scope, owner, revokedAt, expiresAt, lastUsedAt }: ApiKeyView): string {
  const state = revokedAt !== null ? `revoked ${revokedAt}` : expiresAt !== null ? `until ${expiresAt}` : 'valid';
  const used = lastUsedAt === null ? 'never used' : `used ${lastUsedAt}`;
  return `${id}  ${preview}…  ${scope.padEnd(5)}  ${owner ?? '(all owners)'}  ${state}  ${used}  ${name}`;
}

async function everyKey(keys: ApiKeysService): Promise<ApiKeyView[]> {
  const views: ApiKeyView[] = [];
  for (let cursor: string | null | undefined; cursor !== null;) {
    const page = await keys.list({ limit: PAGE_LIMIT_MAX, ...(cursor === undefined ? {} : { cursor }) });
    views.push(...page.data);
    cursor = page.nextCursor;
  }
  return views;
}

async function withKeys<T>(work: (keys: ApiKeysService) => Promise<T>, writes: boolean): Promise<T> {
  const opened = await openDatabase(readSettings(process.env), ENTITIES, { serves: writes });
  try {
    const clock = new SystemClock();
    const ids = new UuidV7Source(clock);
    new Recorder(clock, ids).attach(opened.database);
    return await work(new ApiKeysService(opened.database, new ApiKeysRepository(), clock, ids));
  } finally {
    await opened.close();
  }
}

/** An argument's parser whose refusals are commander's. */
function said<T>(parse: (text: string) => T): (text: string) => T {
  return (text) => {
    try {
      return parse(text);
    } catch (error) {
      throw error instanceof ValueInvalid ? new InvalidArgumentError(`It ${error.message}.`) : error;
    }
  };
}

function print(text: string): void {
  process.stdout.write(`${text}\n`);
}
