// How a key is presented, and which are taken.
import { afterAll, beforeAll, expect, it } from 'vitest';
import { ApiKeysRepository } from '../../src/auth/api-keys.repository.js';
import { hashOfKey } from '../../src/auth/key-secret.js';
import { Database } from '../../src/database/database.js';
import { bodyOf, EVERYBODY, expectRefusal } from '../support/builders.js';
import { eachStore } from '../support/each-store.js';
import { type Answer, TestApp } from '../support/test-app.js';

eachStore((store) => {
  let app: TestApp;
  beforeAll(async () => {
    app = await TestApp.start(store);
  });
  afterAll(() => app.stop());

  const ask = (headers: Record<string, string>): Promise<Answer> =>
    app.get('/v1/accounts', { key: undefined, headers });
  const askWith = (key: string): Promise<Answer> => app.get('/v1/accounts', { key });

  it('takes a key as Bearer in any case, and as X-API-Key', async () => {
    const { key } = app;
    for (const headers of [
      { authorization: `Bearer ${key}` },
      { authorization: `bearer ${key}` },
      { authorization: `BEARER   ${key} ` },
      { 'x-api-key': key },
      { authorization: 'Basic YTpi', 'x-api-key': key },
    ]) {
      expect((await ask(headers as Record<string, string>)).status, JSON.stringify(headers)).toBe(200);
    }
  });

  it('names a missing key', async () => {
    for (const headers of [
      {},
      { authorization: '' },
      { authorization: 'Bearer' },
      { authorization: 'Bearer ' },
      { authorization: app.key },
      { authorization: `Basic ${app.key}` },
      { 'x-api-key': '' },
    ]) {
      expectRefusal(await ask(headers as Record<string, string>), 401, 'key_missing');
    }
  });

  it('does not tell an unknown key from one of no form', async () => {
    const answers = [
      await askWith(`pbk_${'x'.repeat(43)}`),
      await askWith('pbk_short'),
      await askWith(app.key.slice(0, -1)),
      await askWith(`${app.key}x`),
      await ask({ 'x-api-key': `${app.key}, ${app.key}` }),
      await askWith("' OR 1=1 --".replaceAll(' ', '')),
    ];
    for (const answer of answers) {
      expectRefusal(answer, 401, 'key_unknown');
      expect(answer.text).toBe(answers[0]!.text);
    }
  });

  it('takes the same key in both places for one, and refuses two', async () => {
    expect((await ask({ authorization: `Bearer ${app.key}`, 'x-api-key': app.key })).status).toBe(200);
    expectRefusal(await ask({ authorization: 'Bearer wrong', 'x-api-key': app.key }), 401, 'key_ambiguous');
    expectRefusal(await ask({ authorization: `Bearer ${app.key}`, 'x-api-key': 'wrong' }), 401, 'key_ambiguous');
  });

  it('stops taking a key at the moment of its end, also where it is known', async () => {
    const expiresAt = new Date(Date.parse(app.clock.now()) + 10_000).toISOString();
    const { key } = await bodyOf(app.post('/v1/keys', { name: 'short', scope: 'read', expiresAt }));
    app.clock.advance(9_999);
    expect((await askWith(key)).status).toBe(200);
    app.clock.advance(1);
    expectRefusal(await askWith(key), 401, 'key_unknown');
  });

  it('stops taking a revoked key at once', async () => {
    const { id, key } = await bodyOf(app.post('/v1/keys', { name: 'gone', scope: 'read' }));
    expect((await askWith(key)).status).toBe(200);
    await bodyOf(app.delete(`/v1/keys/${id}`));
    expectRefusal(await askWith(key), 401, 'key_unknown');
  });

  it('keeps no key: only its hash is in the store', async () => {
    const { id, key } = await bodyOf(app.post('/v1/keys', { name: 'secret', scope: 'read' }));
    const kept = await app.app
      .get(Database)
      .read(EVERYBODY, (reader) => app.app.get(ApiKeysRepository).find(reader, id));
    expect(kept).toMatchObject({ hash: hashOfKey(key), preview: key.slice(0, 10) });
    expect(JSON.stringify(kept)).not.toContain(key.slice(10));
  });
});
