// A server that dies of a fault that nobody caught: whoever watches is told before, its exit code says so, and nobody who does not listen holds it.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ServerProcess } from '../crash/server-process.js';
import { type KillableStore, killableStore } from '../crash/stores.js';
import { freePort } from '../support/free-port.js';
import { Collector, spansIn } from './collector.js';
import { reportsIn } from './reports-in.js';

const KEY = 'a0b1c2d3e4f5a0b1c2d3e4f5a0b1c2d3';
const INTERNAL = 70;
/** The stack names the text itself, which must not hold the word. */
const UNFORESEEN = "Object.assign(new Error('unforeseen'), { detail: ['Sal', 'ary'].join('') })";

describe('a server that dies', () => {
  let store: KillableStore;
  beforeAll(async () => {
    store = await killableStore('sqlite');
  });
  afterAll(() => store.dispose());

  /** A server that does `deed` when it is sent SIGUSR2, and whose traces and reports go to that host. */
  const start = (host: string, deed: string, extra: Readonly<Record<string, string>> = {}): Promise<ServerProcess> =>
    ServerProcess.start(
      {
        ...store.environment,
        SENTRY_DSN: `http://${KEY}@${host}/7`,
        OTEL_EXPORTER_OTLP_ENDPOINT: `http://${host}`,
        NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(`process.on('SIGUSR2', () => { ${deed} })`)}`,
        ...extra,
      },
      store.key,
    );

  /** How it ends after a request that is traced. */
  async function endOf(server: ServerProcess): Promise<{ code: number | null; stderr: string; last: unknown }> {
    expect((await server.client.get('/v1/accounts')).status).toBe(200);
    server.send('SIGUSR2');
    const { code, stdout, stderr } = await server.end();
    return { code, stderr, last: JSON.parse(stdout.trimEnd().split('\n').at(-1)!) };
  }

  it.each([
    ['an exception that nobody caught', `throw ${UNFORESEEN};`, 'unforeseen'],
    ['a rejection that nobody handled', `Promise.reject(${UNFORESEEN});`, 'unforeseen'],
    ['a rejection without an error', "Promise.reject(['Sal', 'ary'].join(''));", 'no error was thrown'],
  ])('%s is reported, with the traces before it, and ends the server', async (_, deed, word) => {
    const watcher = new Collector();
    const server = await start(await watcher.listen(), deed);
    const ended = await endOf(server);
    await watcher.close();
    expect(ended).toMatchObject({ code: INTERNAL, stderr: '', last: { level: 'fatal', context: 'Server' } });
    const reports = watcher.received.filter(({ path }) => path.includes('/envelope/')).flatMap(reportsIn);
    expect(reports).toMatchObject([{ message: 'A fault that nobody caught: ending.', tags: { part: 'Server' } }]);
    expect(JSON.stringify(reports[0]!.exception)).toMatch(new RegExp(word, 'i'));
    expect(JSON.stringify([watcher.received, ended])).not.toContain('Salary');
    const spans = watcher.received.filter(({ path }) => path === '/v1/traces').flatMap(spansIn);
    expect(spans.map(({ name }) => name)).toContain('GET /v1/accounts');
  });

  it('watchers that take what is sent and never answer do not hold it', async () => {
    const dumb = new Collector(() => undefined);
    const ended = await endOf(await start(await dumb.listen(), `throw ${UNFORESEEN};`));
    await dumb.close();
    expect(ended).toMatchObject({ code: INTERNAL, stderr: '', last: { err: { message: 'unforeseen' } } });
    expect(dumb.received.map(({ path }) => path.replace(/^\/api\/7\/envelope\/.*/, 'a report')).sort()).toEqual([
      '/v1/traces',
      'a report',
    ]);
  });

  it('watchers who are not there do not hold it', async () => {
    const ended = await endOf(await start(`127.0.0.1:${await freePort()}`, `throw ${UNFORESEEN};`));
    expect(ended).toMatchObject({ code: INTERNAL, stderr: '', last: { err: { message: 'unforeseen' } } });
  });

  it('the way out of a fault is not taken for an end in order that a signal asked for', async () => {
    const dumb = new Collector(() => undefined);
    const deed = `process.kill(process.pid, 'SIGTERM'); throw ${UNFORESEEN};`;
    // In order it would have ended before the watchers are given up.
    const ended = await endOf(await start(await dumb.listen(), deed, { SHUTDOWN_GRACE_MS: '1000' }));
    await dumb.close();
    expect(ended).toMatchObject({ code: INTERNAL, stderr: '' });
  });
});
