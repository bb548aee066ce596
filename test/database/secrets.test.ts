// The password of the store is printed nowhere: not at start, not by a server that is down, not by one that refuses it, not in any answer.
import { inspect } from 'node:util';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { readSettings, type Settings } from '../../src/config/settings.js';
import { describeTarget } from '../../src/config/store-target.js';
import { StoreUnavailable } from '../../src/database/database.errors.js';
import { openDatabase } from '../../src/database/standalone.js';
import { ENTITIES } from '../../src/entities.js';
import { makeLog } from '../../src/http/logger.js';
import { createServer } from '../../src/server.js';
import { type RunningPostgres, startPostgres } from '../support/postgres.js';
import { EVERYBODY } from './specimens.js';

const PASSWORD = 'Gé/heim @ 100%:"\\';
const SPELLINGS = [
  PASSWORD,
  encodeURIComponent(PASSWORD),
  JSON.stringify(PASSWORD).slice(1, -1),
  Buffer.from(PASSWORD).toString('base64'),
  Buffer.from(PASSWORD).toString('hex'),
  'heim @ 100',
  'heim%20%40',
];

let postgres: RunningPostgres;
beforeAll(async () => {
  postgres = await startPostgres({ config: { fsync: 'off' } });
  const superuser = await openDatabase(readSettings({ NODE_ENV: 'test', DATABASE_URL: postgres.adminUrl }), [], {
    serves: true,
  });
  const { master } = (
    superuser.engine as unknown as { source: { driver: { master: { query(text: string): Promise<unknown> } } } }
  ).source.driver;
  await master.query(`CREATE ROLE keeper LOGIN SUPERUSER PASSWORD '${PASSWORD.replaceAll("'", "''")}'`);
  await superuser.close();
});
afterAll(() => postgres.dispose());

const urlWith = (password: string, database = 'postgres'): string =>
  `postgresql://keeper:${encodeURIComponent(password)}@127.0.0.1:${postgres.port}/${database}`;
const settingsFor = (url: string): Settings =>
  readSettings({
    NODE_ENV: 'test',
    DATABASE_URL: url,
    LOG_LEVEL: 'trace',
    DB_ECHO: 'true',
    DB_SLOW_QUERY_MS: '1',
    PORT: '0',
  });

/** All that an error could be printed as. */
function printed(error: unknown): string {
  const all = [String(error), inspect(error, { depth: 30, showHidden: true, getters: true }), JSON.stringify(error)];
  for (let inner = error; inner instanceof Error; inner = inner.cause)
    all.push(inner.stack ?? '', inner.message, JSON.stringify(inner));
  return all.join('\n');
}

function expectNoSecret(text: string): void {
  for (const spelling of SPELLINGS)
    expect(
      text.includes(spelling)
        ? `"${spelling}" in: ${text.slice(Math.max(0, text.indexOf(spelling) - 200), text.indexOf(spelling) + 50)}`
        : '',
    ).toBe('');
}

/** What a server prints from start to end, and all that it answers. */
async function lifeOf(settings: Settings): Promise<{ out: string; answers: string[] }> {
  let out = '';
  const write = (chunk: unknown): boolean => {
    out += String(chunk);
    return true;
  };
  const spies = [
    vi.spyOn(process.stdout, 'write').mockImplementation(write),
    vi.spyOn(process.stderr, 'write').mockImplementation(write),
  ];
  const answers: string[] = [];
  try {
    const app = await createServer(settings, { log: makeLog(settings.log, { write }) });
    await app.init();
    await app.getHttpAdapter().getInstance().ready();
    for (const url of [
      '/livez',
      '/readyz',
      '/health',
      '/readiness',
      '/v1/accounts',
      '/v1/transactions',
      '/docs',
      '/openapi.json',
      '/nowhere',
    ]) {
      const answer = await app.inject({ method: 'GET', url, headers: { authorization: 'Bearer pbk_0000' } });
      answers.push(`${answer.statusCode} ${JSON.stringify(answer.headers)} ${answer.body}`);
    }
    await app.close();
  } finally {
    for (const spy of spies) spy.mockRestore();
  }
  return { out, answers };
}

describe('the password', () => {
  const situations: [string, () => string, (() => Promise<void>)?, (() => Promise<void>)?][] = [
    ['that is right', () => urlWith(PASSWORD)],
    ['that is wrong', () => urlWith(`${PASSWORD}!`)],
    ['to a database that is not there', () => urlWith(PASSWORD, 'nowhere')],
    ['to a server that is down', () => urlWith(PASSWORD), () => postgres.stop(), () => postgres.start()],
    ['to a host that is not there', () => urlWith(PASSWORD).replace('127.0.0.1', 'nowhere.invalid')],
    ['to a server whose certificate is not trusted', () => `${urlWith(PASSWORD)}?sslmode=verify-full`],
  ];

  it.each(situations)('%s is in no line and no answer', async (_, url, before, after) => {
    await before?.();
    const { out, answers } = await lifeOf(settingsFor(url()));
    await after?.();
    expectNoSecret(out);
    for (const answer of answers) expectNoSecret(answer);
    expect(out.length).toBeGreaterThan(20);
  });

  it.each(situations.slice(1))('%s is in no error', async (_, url, before, after) => {
    await before?.();
    const error = await openDatabase(settingsFor(url()), ENTITIES, { serves: true }).catch((thrown: unknown) => thrown);
    await after?.();
    expect(error).toBeInstanceOf(StoreUnavailable);
    expectNoSecret(printed(error));
  });

  it('is in no error of a store that goes away, and in no settings that are printed', async () => {
    const settings = settingsFor(urlWith(PASSWORD));
    const { database, close } = await openDatabase(settings, ENTITIES, { serves: true });
    await postgres.stop('immediate');
    const fails = await Promise.allSettled([
      database.transact(EVERYBODY, async () => 1),
      database.read(EVERYBODY, (reader) => reader.rows(ENTITIES[0]!).find()),
    ]);
    for (const { reason } of fails as PromiseRejectedResult[]) expectNoSecret(printed(reason));
    await postgres.start();
    const error = await database
      .read(EVERYBODY, (reader) => reader.rows(ENTITIES[0]!).find())
      .catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(Error);
    expectNoSecret(printed(error));
    await close();
    expectNoSecret(
      `${inspect(settings, { depth: 30, showHidden: true })} ${JSON.stringify(settings)} ${describeTarget(settings.store)}`,
    );
  });

  it('that is missing is said to be, by name', async () => {
    const error = await openDatabase(settingsFor(`postgresql://keeper@127.0.0.1:${postgres.port}/postgres`), [], {
      serves: true,
    }).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(StoreUnavailable);
    expect(String((error as Error).cause)).toMatch(/password/);
  });

  it('may hold anything', async () => {
    const { database, close } = await openDatabase(settingsFor(urlWith(PASSWORD)), [], { serves: true });
    expect(await database.read(EVERYBODY, async () => 'in')).toBe('in');
    await close();
  });
});
