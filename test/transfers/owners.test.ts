// A key that is bound to an owner moves money between that owner's accounts only, and sees of transfers its own lines.
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { newOnceKey, withOnceKey } from '../changes/posts.js';
import { everyRow } from '../changes/tables.js';
import { type Json } from '../support/builders.js';
import { eachStore } from '../support/each-store.js';
import { type Answer, TestApp } from '../support/test-app.js';
import { Bank, newId, type OpenedAccount } from './bank.js';

eachStore((store) => {
  let app: TestApp;
  let bank: Bank;
  let ada: { key: string };
  let bob: { key: string };
  let adas: OpenedAccount;
  let adas2: OpenedAccount;
  let bobs: OpenedAccount;
  beforeAll(async () => {
    app = await TestApp.start(store);
    bank = new Bank(app);
    [ada, bob] = [{ key: await app.keyFor({ owner: 'ada' }) }, { key: await app.keyFor({ owner: 'bob' }) }];
  });
  afterAll(() => app.stop());
  beforeEach(async () => {
    [adas, adas2, bobs] = [
      await bank.account('10.00', { owner: 'ada' }),
      await bank.account(undefined, { owner: 'ada' }),
      await bank.account('10.00', { owner: 'bob' }),
    ];
  });

  const expectRefused = async (answer: Promise<Answer>, status: number, code: string) => {
    const { status: got, body } = await answer;
    expect([got, body.code]).toEqual([status, code]);
  };

  it('moves between its own accounts, and others are not there for it', async () => {
    expect((await bank.move(adas, adas2, '1.00', {}, ada)).status).toBe(201);
    const before = await everyRow(app);
    await expectRefused(bank.move(adas, bobs, '1.00', {}, ada), 404, 'account_not_found');
    await expectRefused(bank.move(bobs, adas, '1.00', {}, ada), 404, 'account_not_found');
    await expectRefused(bank.move(await bank.treasury(), adas, '1.00', {}, ada), 404, 'account_not_found');
    const byNumber = { from: adas.accountNumber, to: bobs.accountNumber, amount: '1.00' };
    await expectRefused(app.post('/v1/transfers', byNumber, ada), 404, 'account_not_found');
    await expectRefused(app.post('/v1/holds', byNumber, ada), 404, 'account_not_found');
    const bulk = await app.post('/v1/transfers/bulk', { mode: 'independent', transfers: [byNumber] }, ada);
    expect(bulk.body.data[0].problem.code).toBe('account_not_found');
    expect(await everyRow(app)).toBe(before);
  });

  it('a key that may only read moves nothing', async () => {
    const reader = { key: await app.keyFor({ owner: 'ada', scope: 'read' }) };
    await expectRefused(bank.move(adas, adas2, '1.00', {}, reader), 403, 'scope_insufficient');
    expect((await app.get('/v1/transfers', reader)).status).toBe(200);
  });

  it('sees its own lines of a transfer between owners, and nothing of one between others', async () => {
    const both = await bank.pay(adas.id, bobs.id, '2.00');
    const foreign = await bank.pay((await bank.treasury()).id, bobs.id, '1.00');
    const seen = (await app.get(`/v1/transfers/${both.id}`, ada)).body;
    expect(seen).toEqual({ ...both, lines: [both.lines[0]] });
    expect((await app.get(`/v1/transfers/${both.id}`, bob)).body.lines).toEqual([both.lines[1]]);
    await expectRefused(app.get(`/v1/transfers/${foreign.id}`, ada), 404, 'transfer_not_found');
    const listed = (await app.get('/v1/transfers?limit=500', ada)).body.data as Json[];
    expect(listed.find(({ id }) => id === both.id)).toEqual(seen);
    expect(listed.some(({ id }) => id === foreign.id)).toBe(false);
    expect(listed.every(({ lines }) => lines.every(({ accountId }: Json) => accountId !== bobs.id))).toBe(true);
    expect((await app.get(`/v1/transfers?accountId=${bobs.id}`, ada)).body.data).toEqual([]);
  });

  it('takes back what lies between its own accounts only, and learns nothing of others by asking', async () => {
    const own = await bank.pay(adas.id, adas2.id, '1.00');
    const both = await bank.pay(adas.id, bobs.id, '2.00');
    expect((await app.post(`/v1/transfers/${own.id}/reverse`, {}, ada)).status).toBe(201);
    await expectRefused(app.post(`/v1/transfers/${both.id}/reverse`, {}, ada), 403, 'owner_forbidden');
    const back = await app.post(`/v1/transfers/${both.id}/reverse`, {});
    expect(back.status).toBe(201);
    await expectRefused(app.post(`/v1/transfers/${both.id}/reverse`, {}, ada), 403, 'owner_forbidden');
    const foreign = await bank.pay((await bank.treasury()).id, bobs.id, '1.00');
    await expectRefused(app.post(`/v1/transfers/${foreign.id}/reverse`, {}, ada), 404, 'transfer_not_found');
  });

  it('an id of somebody else’s transfer is taken, and says no more', async () => {
    const id = newId('trf');
    expect((await bank.move(bobs, await bank.treasury(), '2.00', { id })).status).toBe(201);
    await expectRefused(bank.move(adas, adas2, '2.00', { id }, ada), 409, 'transfer_id_taken');
    const treasury = await bank.treasury();
    await expectRefused(bank.move(bobs, treasury, '2.00', { id }, ada), 409, 'transfer_id_taken');
  });

  it('one key of each owner stands for each one’s own request', async () => {
    const onceKey = newOnceKey();
    const bobs2 = await bank.account(undefined, { owner: 'bob' });
    const first = await bank.move(adas, adas2, '1.00', {}, withOnceKey(onceKey, ada));
    const second = await bank.move(bobs, bobs2, '1.00', {}, withOnceKey(onceKey, bob));
    // The same body by the same key, and yet another's: nobody is answered what somebody else was.
    const third = await bank.move(adas, adas2, '1.00', {}, withOnceKey(onceKey, bob));
    expect([first.status, second.status, third.body.code]).toEqual([201, 201, 'idempotency_key_reused']);
    expect(second.headers['idempotency-replayed']).toBeUndefined();
  });

  it('a hold is seen and ended by whoever owns the money, within his own accounts', async () => {
    const own = await bank.hold(adas, adas2, '1.00', {}, ada);
    expect(own.body.owner).toBe('ada');
    const both = await bank.hold(adas, bobs, '2.00');
    const foreign = await bank.hold(bobs, adas, '3.00');
    const listed = (await app.get('/v1/holds?limit=500', ada)).body.data.map(({ id }: Json) => id);
    expect([own, both, foreign].map(({ body }) => listed.includes(body.id))).toEqual([true, true, false]);
    for (const way of ['capture', 'release'])
      await expectRefused(app.post(`/v1/holds/${foreign.body.id}/${way}`, {}, ada), 404, 'hold_not_found');
    const before = await everyRow(app);
    await expectRefused(app.post(`/v1/holds/${both.body.id}/capture`, {}, ada), 403, 'owner_forbidden');
    expect(await everyRow(app)).toBe(before);
    expect((await app.post(`/v1/holds/${both.body.id}/release`, {}, ada)).status).toBe(201);
    expect((await app.post(`/v1/holds/${own.body.id}/capture`, {}, ada)).status).toBe(201);
  });

  it('a hold goes with its account to another owner', async () => {
    const hold = await bank.hold(adas, adas2, '1.00');
    expect((await app.patch(`/v1/accounts/${adas.id}`, { owner: 'bob' })).status).toBe(200);
    await expectRefused(app.post(`/v1/holds/${hold.body.id}/release`, {}, ada), 404, 'hold_not_found');
    expect((await app.get(`/v1/holds/${hold.body.id}`, bob)).body).toMatchObject({ owner: 'bob', status: 'active' });
    expect((await app.post(`/v1/holds/${hold.body.id}/release`, {}, bob)).status).toBe(201);
  });
});
