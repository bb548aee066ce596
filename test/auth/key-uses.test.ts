// When a key was last used: noted at each use, written together and seldom, and never in a request's way.
import { afterAll, beforeAll, expect, it } from 'vitest';
import { KeyUses } from '../../src/auth/key-uses.js';
import { SystemClock } from '../../src/common/clock.js';
import { type ApiKeyId, UuidV7Source } from '../../src/common/ids.js';
import { Database } from '../../src/database/database.js';
import { StoreUnavailable } from '../../src/database/database.errors.js';
import { type Written } from '../../src/database/transaction.js';
import { bodyOf, type Json } from '../support/builders.js';
import { eachStore } from '../support/each-store.js';
import { HeldClock, TestApp } from '../support/test-app.js';

/** One service after the other makes keys in the same store. */
const OWN_IDS = { ids: new UuidV7Source(new SystemClock()) };

eachStore((store) => {
  let app: TestApp;
  let uses: KeyUses;
  beforeAll(async () => {
    app = await TestApp.start(store, new HeldClock(), OWN_IDS);
    uses = app.app.get(KeyUses);
  });
  afterAll(() => app.stop());

  const newKey = (): Promise<{ id: ApiKeyId; key: string }> =>
    bodyOf(app.post('/v1/keys', { name: 'used', scope: 'read' }));
  const lastUsed = async (id: string): Promise<Json> => (await bodyOf(app.get(`/v1/keys/${id}`))).lastUsedAt;

  it('is null until it was, and then the moment of the last use', async () => {
    const { id, key } = await newKey();
    await uses.write();
    expect(await lastUsed(id)).toBeNull();
    await bodyOf(app.get('/v1/accounts', { key }));
    app.clock.advance(1_000);
    await bodyOf(app.get('/v1/accounts', { key }));
    const at = app.clock.now();
    app.clock.advance(1_000);
    expect(await lastUsed(id), 'not written yet').toBeNull();
    await uses.write();
    expect(await lastUsed(id)).toBe(at);
    const { data } = await bodyOf(app.get('/v1/keys?limit=500'));
    expect(data.find((one: Json) => one.id === id).lastUsedAt).toBe(at);
    expect((await bodyOf(app.delete(`/v1/keys/${id}`))).lastUsedAt).toBe(at);
  });

  it('is written for all keys at once, and not at all when none was used', async () => {
    const keys = await Promise.all([newKey(), newKey(), newKey()]);
    for (const { key } of [...keys, ...keys]) await bodyOf(app.get('/v1/accounts', { key }));
    const written: Written[] = [];
    const stop = app.app.get(Database).observe(async (_tx, one) => void written.push(one));
    await uses.write();
    await uses.write();
    stop();
    expect(written).toHaveLength(1);
    expect(written[0]!.keys.map(([id]) => id)).toEqual(expect.arrayContaining(keys.map(({ id }) => id)));
  });

  it('does not go back when another process saw the key later', async () => {
    const { id } = await newKey();
    const now = app.clock.now();
    uses.note(id);
    await uses.write();
    app.clock.advance(-60_000);
    uses.note(id);
    await uses.write();
    app.clock.set(now);
    expect(await lastUsed(id)).toBe(now);
  });

  it('waits for a store that fails, and no request hears of it', async () => {
    const { id, key } = await newKey();
    await bodyOf(app.get('/v1/accounts', { key }));
    const at = app.clock.now();
    const stop = app.app.get(Database).observe(() => Promise.reject(new StoreUnavailable('down')));
    await uses.write();
    stop();
    expect((await app.get('/v1/accounts', { key })).status).toBe(200);
    expect(await lastUsed(id)).toBeNull();
    await uses.write();
    expect(await lastUsed(id)).toBe(at);
  });

  it('counts no refused key', async () => {
    const { id, key } = await newKey();
    await bodyOf(app.delete(`/v1/keys/${id}`));
    expect((await app.get('/v1/accounts', { key })).status).toBe(401);
    await uses.write();
    expect(await lastUsed(id)).toBeNull();
  });

  it('is written when the service ends, with the last request in it', async () => {
    const { id, key } = await newKey();
    app.clock.advance(5_000);
    await bodyOf(app.get('/v1/accounts', { key }));
    const at = app.clock.now();
    await app.stop();
    app = await TestApp.start(store, app.clock, OWN_IDS);
    uses = app.app.get(KeyUses);
    expect(await lastUsed(id)).toBe(at);
  });
});
