// What `passbook dev` fills an empty store with.
import { afterEach, beforeEach, expect, it } from 'vitest';
import { linkSandbox } from '../../src/cli/link-sandbox.js';
import { allPages, bodyOf } from '../support/builders.js';
import { makeStore, type TestStore } from '../support/each-store.js';
import { TestApp } from '../support/test-app.js';

const DAY_MS = 86_400_000;

let store: TestStore;
let app: TestApp;
beforeEach(async () => {
  store = await makeStore('sqlite');
  app = await TestApp.start(store);
});
afterEach(async () => {
  await app.stop();
  await store.dispose();
});

const enrollments = () => allPages(app, '/v1/enrollments');

it('links the first banks of the sandbox to an empty store, once', async () => {
  expect(await linkSandbox(app.app)).toMatch(
    /^linked Harbor Bank, Banque Lumière, さくら銀行: 7 accounts, \d{4} lines$/,
  );
  expect((await enrollments()).map(({ lastSyncedAt }) => lastSyncedAt)).toEqual(Array(3).fill(app.clock.now()));
  expect(await linkSandbox(app.app)).toBeUndefined();
});

it('leaves alone a store that has accounts', async () => {
  await bodyOf(app.post('/v1/accounts', { kind: 'manual', name: 'Cash', currency: 'USD' }));
  expect(await linkSandbox(app.app)).toBeUndefined();
  expect(await enrollments()).toEqual([]);
});

it('syncs what an earlier start linked and did not come to sync', async () => {
  await bodyOf(app.post('/v1/enrollments', { feed: 'sandbox', institutionId: 'pearl_trust' }));
  expect(await linkSandbox(app.app)).toMatch(/^linked Pearl Trust: 1 accounts, \d+ lines$/);
  expect(await enrollments()).toMatchObject([{ lastSyncedAt: app.clock.now() }]);
});

it('does not mind a bank that refuses', async () => {
  await bodyOf(app.post('/v1/enrollments', { feed: 'sandbox', institutionId: 'old_mill' }));
  app.clock.advance(6 * DAY_MS);
  expect(await linkSandbox(app.app)).toBe('linked Old Mill Savings Bank: 0 accounts, 0 lines');
  expect(await enrollments()).toMatchObject([{ status: 'needs_login' }]);
});
