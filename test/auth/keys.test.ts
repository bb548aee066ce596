// Keys are made, listed and revoked by an admin of the whole installation.
import { afterAll, beforeAll, expect, it } from 'vitest';
import { bodyOf, expectRefusal } from '../support/builders.js';
import { eachStore } from '../support/each-store.js';
import { TestApp } from '../support/test-app.js';

eachStore((store) => {
  let app: TestApp;
  beforeAll(async () => {
    app = await TestApp.start(store);
  });
  afterAll(() => app.stop());

  it('makes a key that is shown once and works', async () => {
    const made = await app.post('/v1/keys', {
      name: 'dashboard',
      scope: 'read',
      owner: 'ann',
      expiresAt: '2027-01-01T01:00:00+01:00',
    });
    expect(made.status).toBe(201);
    const { key, ...view } = made.body;
    expect(view).toEqual({
      id: expect.stringMatching(/^key_/),
      name: 'dashboard',
      preview: key.slice(0, 10),
      scope: 'read',
      owner: 'ann',
      createdAt: app.clock.now(),
      expiresAt: '2027-01-01T00:00:00.000Z',
      revokedAt: null,
      lastUsedAt: null,
    });
    expect((await app.get('/v1/accounts', { key })).status).toBe(200);
    const listed = await bodyOf(app.get('/v1/keys'));
    expect(listed.data).toContainEqual(view);
    expect(JSON.stringify(listed)).not.toContain(key);
    expect(listed.nextCursor).toBeNull();
  });

  it('revokes a key once: a second time keeps the first moment', async () => {
    const { id } = await bodyOf(app.post('/v1/keys', { name: 'x', scope: 'read' }));
    const first = await app.delete(`/v1/keys/${id}`);
    expect(first).toMatchObject({ status: 200, body: { id, revokedAt: app.clock.now() } });
    app.clock.advance(5_000);
    expect((await app.delete(`/v1/keys/${id}`)).body).toEqual(first.body);
  });

  it.each<[string, readonly string[], unknown]>([
    ['nothing', ['/name', '/scope'], {}],
    ['a scope that is none', ['/scope'], { name: 'x', scope: 'root' }],
    ['an inherited scope', ['/scope'], { name: 'x', scope: 'constructor' }],
    ['a long name', ['/name'], { name: 'x'.repeat(101), scope: 'read' }],
    ['an owner of no form', ['/owner'], { name: 'x', scope: 'read', owner: 'a b' }],
    ['an end that is no moment', ['/expiresAt'], { name: 'x', scope: 'read', expiresAt: '2027-01-01' }],
    ['an end of null', ['/expiresAt'], { name: 'x', scope: 'read', expiresAt: null }],
    ['a key of its own', ['/key'], { name: 'x', scope: 'read', key: 'pbk_mine' }],
  ])('refuses %s and makes none', async (_, pointers, body) => {
    const before = (await app.get('/v1/keys')).text;
    expectRefusal(await app.post('/v1/keys', body), 400, 'request_invalid', pointers);
    expect((await app.get('/v1/keys')).text).toBe(before);
  });

  it('does not find a key that is not there', async () => {
    for (const id of [`key_${'f'.repeat(32)}`, 'x', `acc_${'f'.repeat(32)}`]) {
      expectRefusal(await app.delete(`/v1/keys/${id}`), 404, 'api_key_not_found');
    }
  });

  it('shows keys to no admin who is bound to an owner', async () => {
    const key = await app.keyFor({ scope: 'admin', owner: 'ann' });
    const { id } = await bodyOf(app.post('/v1/keys', { name: 'x', scope: 'read', owner: 'ann' }));
    const before = (await app.get('/v1/keys')).text;
    expectRefusal(await app.get('/v1/keys', { key }), 403, 'owner_forbidden');
    expectRefusal(
      await app.post('/v1/keys', { name: 'x', scope: 'read', owner: 'ann' }, { key }),
      403,
      'owner_forbidden',
    );
    expectRefusal(await app.delete(`/v1/keys/${id}`, { key }), 403, 'owner_forbidden');
    expect((await app.get('/v1/keys')).text).toBe(before);
  });
});
