// Traces and reports that nobody asked for are not even loaded.
import { afterAll, beforeAll, expect, it } from 'vitest';
import { ServerProcess } from '../crash/server-process.js';
import { makeStore, type TestStore } from '../support/each-store.js';
import { freePort } from '../support/free-port.js';

let store: TestStore;
beforeAll(async () => {
  store = await makeStore('sqlite');
});
afterAll(() => store.dispose());

const PRELOAD = { NODE_OPTIONS: `--import=${new URL('./loaded.fixture.mjs', import.meta.url).href}` };
const WATCHERS = /^(@opentelemetry|@sentry)\//;

/** The packages of those who watch that a server loads until it is ready. */
async function loadedWith(environment: Readonly<Record<string, string>>): Promise<string[]> {
  const server = await ServerProcess.start({ ...store.environment, ...PRELOAD, ...environment }, 'no key');
  const { stderr, code } = await server.terminate();
  expect(code).toBe(0);
  const packages = [...stderr.matchAll(/^loaded (.+)$/gm)].map(([, name]) => name!);
  expect(packages).toContain('fastify');
  return packages.filter((name) => WATCHERS.test(name)).sort();
}

it('is nothing of them where they are off', async () => {
  expect(await loadedWith({})).toEqual([]);
});

it('is what is asked for where they are on', async () => {
  const nobody = `127.0.0.1:${await freePort()}`;
  const loaded = await loadedWith({
    OTEL_EXPORTER_OTLP_ENDPOINT: `http://${nobody}`,
    SENTRY_DSN: `http://key@${nobody}/1`,
  });
  expect(loaded).toEqual(expect.arrayContaining(['@opentelemetry/sdk-trace-base', '@sentry/core']));
});
