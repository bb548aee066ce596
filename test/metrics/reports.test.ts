// Reports of faults: what is ours to mend and nothing else, with where it happened, and without anything of anybody's.
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { AccountsService } from '../../src/accounts/accounts.service.js';
import { StoreUnavailable } from '../../src/database/database.errors.js';
import { Telemetry } from '../../src/metrics/telemetry.js';
import { makeStore, type TestStore } from '../support/each-store.js';
import { freePort } from '../support/free-port.js';
import { TestApp } from '../support/test-app.js';
import { Collector, type Received } from './collector.js';
import { readExposed, valueOf } from './exposed.js';
import { type Report, reportsIn } from './reports-in.js';

const KEY = 'a0b1c2d3e4f5a0b1c2d3e4f5a0b1c2d3';
const PER_MINUTE_MAX = 30;

/** As a driver throws it, with what must not be seen hung on it. */
function driverError(): Error {
  const cause = new Error('invalid input syntax for type bigint: "4711.00"');
  return new Error('the query failed', {
    cause: Object.assign(cause, { code: '22P02', parameters: ['4711.00'], detail: 'Key (owner)=(ada)' }),
  });
}

describe('a report', () => {
  const ingest = new Collector();
  let store: TestStore;
  let app: TestApp;
  beforeAll(async () => {
    const host = await ingest.listen();
    store = await makeStore('sqlite', {
      SENTRY_DSN: `http://${KEY}@${host}/7`,
      SENTRY_ENVIRONMENT: 'somewhere',
      LOG_LEVEL: 'silent',
    });
    app = await TestApp.start(store);
  });
  afterEach(() => {
    vi.restoreAllMocks();
    ingest.received.length = 0;
  });
  afterAll(async () => {
    await app.stop();
    await ingest.close();
    await store.dispose();
  });

  const reported = async (): Promise<Report[]> => {
    await app.app.get(Telemetry).flush();
    return ingest.received.flatMap(reportsIn);
  };
  const failing = (error: unknown) => vi.spyOn(app.app.get(AccountsService), 'list').mockRejectedValue(error);

  it('says what went wrong, in which request and on which route', async () => {
    failing(driverError());
    const { status, headers } = await app.get('/v1/accounts?owner=ada', { headers: { cookie: 'c=very-private' } });
    expect(status).toBe(500);
    const [report, ...more] = await reported();
    expect(more).toEqual([]);
    expect(report).toMatchObject({
      message: 'A fault of the service.',
      environment: 'somewhere',
      release: expect.stringMatching(/^passbook@\d/),
      tags: { part: 'Http', route: 'GET /v1/accounts', request_id: headers['x-request-id'] },
      exception: {
        values: [
          { type: 'Error', value: 'invalid input syntax for type bigint: "…"' },
          { type: 'Error', value: 'the query failed' },
        ],
      },
    });
    expect(
      report!.exception.values[1]!.stacktrace.frames.some(({ filename }) => filename.includes('reports.test')),
    ).toBe(true);
    const [{ path, text }] = ingest.received as [Received];
    expect(path).toMatch(new RegExp(`^/api/7/envelope/\\?.*sentry_key=${KEY}`));
    for (const secret of [app.key, '4711.00', 'ada', 'very-private', 'owner=']) expect(text).not.toContain(secret);
    expect([report!.request, report!.user]).toEqual([undefined, undefined]);
    expect(valueOf(readExposed((await app.get('/metrics')).text), 'passbook_faults_total')).toBe(1);
  });

  it('is not made of what is refused, nor of a store that is down', async () => {
    await app.get('/v1/accounts/acc_1');
    await app.get('/nowhere');
    await app.get('/v1/accounts', { key: undefined });
    failing(new StoreUnavailable('for a moment', { cause: new Error('connect ECONNREFUSED') }));
    expect((await app.get('/v1/accounts')).status).toBe(503);
    expect(await reported()).toEqual([]);
  });

  it('is made of some of very many faults', async () => {
    failing(new TypeError('x is not a function'));
    for (let count = 0; count < 2 * PER_MINUTE_MAX; count++) expect((await app.get('/v1/accounts')).status).toBe(500);
    const reports = await reported();
    expect(reports.length).toBeGreaterThan(0);
    expect(reports.length).toBeLessThanOrEqual(PER_MINUTE_MAX);
  });
});

it('an ingest that is not there is no trouble', async () => {
  const store = await makeStore('sqlite', {
    SENTRY_DSN: `http://${KEY}@127.0.0.1:${await freePort()}/7`,
    LOG_LEVEL: 'silent',
  });
  const app = await TestApp.start(store);
  vi.spyOn(app.app.get(AccountsService), 'list').mockRejectedValue(new TypeError('x is not a function'));
  expect((await app.get('/v1/accounts')).status).toBe(500);
  await app.stop();
  await store.dispose();
});
