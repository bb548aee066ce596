// Editing and closing an account.
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Amount } from '../../src/common/amount.js';
import {
  bodyOf,
  everything,
  expectRefusal,
  keepLine,
  lineFor,
  linkedAccount,
  openAccount,
  setAccount,
} from '../support/builders.js';
import { eachStore } from '../support/each-store.js';
import { TestApp } from '../support/test-app.js';

eachStore((store) => {
  let app: TestApp;
  beforeAll(async () => {
    app = await TestApp.start(store);
  });
  afterAll(() => app.stop());

  const edit = (account: { id: string }, body: unknown, key = app.key) =>
    app.patch(`/v1/accounts/${account.id}`, body, { key });

  it('changes what is named, counts the edit and leaves the rest', async () => {
    const account = await openAccount(app, { kind: 'book', overdraftLimit: '5.00' });
    app.clock.advance(1_000);
    const edited = await edit(account, { name: 'Vault', overdraftLimit: '7' });
    expect(edited.status).toBe(200);
    expect(edited.body).toEqual({
      ...account,
      name: 'Vault',
      overdraftLimit: '7.00',
      version: 2,
      updatedAt: app.clock.now(),
    });
    expect((await app.get(`/v1/accounts/${account.id}`)).body).toEqual(edited.body);
  });

  it('counts no edit where nothing becomes another', async () => {
    const account = await openAccount(app, { kind: 'book', name: 'Vault', overdraftLimit: '5.00' });
    app.clock.advance(1_000);
    for (const same of [{}, { name: 'Vault' }, { status: 'open' }, { owner: 'default' }, { overdraftLimit: '5' }]) {
      expect((await edit(account, same)).body).toEqual(account);
    }
  });

  it('closes an account, and opens it again', async () => {
    const account = await openAccount(app);
    app.clock.advance(1_000);
    const closed = await app.post(`/v1/accounts/${account.id}/close`);
    expect(closed.status).toBe(200);
    expect(closed.body).toEqual({
      ...account,
      status: 'closed',
      closedAt: app.clock.now(),
      updatedAt: app.clock.now(),
      version: 2,
    });
    const opened = await bodyOf(edit(account, { status: 'open' }));
    expect(opened).toEqual({ ...account, version: 3, updatedAt: app.clock.now() });
  });

  it('closes a closed account without changing anything, by either way', async () => {
    const account = await openAccount(app);
    const closed = await bodyOf(app.post(`/v1/accounts/${account.id}/close`));
    app.clock.advance(1_000);
    expect((await app.post(`/v1/accounts/${account.id}/close`)).body).toEqual(closed);
    expect((await edit(account, { status: 'closed' })).body).toEqual(closed);
  });

  it('closes by a POST that says it is JSON and brings nothing', async () => {
    const { id } = await openAccount(app);
    const closed = await app.call('POST', `/v1/accounts/${id}/close`, {
      payload: '',
      headers: { 'content-type': 'application/json' },
    });
    expect(closed.body).toMatchObject({ status: 'closed' });
  });

  it('keeps a closed account readable, and renames it', async () => {
    const account = await openAccount(app);
    const line = await keepLine(app, account);
    await app.post(`/v1/accounts/${account.id}/close`);
    expect((await app.get(`/v1/accounts/${account.id}/transactions`)).body.data).toEqual([line]);
    expect((await edit(account, { name: 'Old cash' })).body).toMatchObject({ name: 'Old cash', status: 'closed' });
  });

  it('lets a closed account take no line and no balance, and lose and change none', async () => {
    const account = await openAccount(app);
    const line = await keepLine(app, account);
    await app.post(`/v1/accounts/${account.id}/close`);
    const before = await everything(app);
    expectRefusal(await app.post('/v1/transactions', lineFor(account)), 409, 'account_closed');
    expectRefusal(await app.post(`/v1/accounts/${account.id}/balances`, { ledger: '1' }), 409, 'account_closed');
    expectRefusal(await app.patch(`/v1/transactions/${line.id}`, { amount: '5' }), 409, 'account_closed');
    expectRefusal(await app.delete(`/v1/transactions/${line.id}`), 409, 'account_closed');
    expect(await everything(app)).toBe(before);
  });

  it('renames a linked account, but leaves its owner and its status to its enrollment', async () => {
    const account = await linkedAccount(app);
    expect((await edit(account, { name: 'Checking' })).body).toMatchObject({ name: 'Checking', version: 2 });
    expect((await edit(account, { status: 'open', owner: 'default' })).body).toMatchObject({ version: 2 });
    const before = await everything(app);
    expectRefusal(await edit(account, { owner: 'ann' }), 422, 'account_is_linked');
    expectRefusal(await edit(account, { status: 'closed' }), 422, 'account_is_linked');
    expectRefusal(await app.post(`/v1/accounts/${account.id}/close`), 422, 'account_is_linked');
    expect(await everything(app)).toBe(before);
  });

  it('closes a book account at a balance of zero only', async () => {
    const account = await openAccount(app, { kind: 'book', overdraftLimit: '1' });
    for (const [ledger, held] of [
      [1n, 0n],
      [-1n, 0n],
      [0n, 1n],
    ] as [Amount, Amount][]) {
      await setAccount(app, account.id, { ledger, held });
      const before = await everything(app);
      expectRefusal(await app.post(`/v1/accounts/${account.id}/close`), 409, 'account_not_empty');
      expect(await everything(app)).toBe(before);
    }
    await setAccount(app, account.id, { ledger: 0n as Amount, held: 0n as Amount });
    expect((await app.post(`/v1/accounts/${account.id}/close`)).body).toMatchObject({ status: 'closed' });
  });

  it.each<[string, number, string, readonly string[], unknown]>([
    ['a name of nothing', 400, 'request_invalid', ['/name'], { name: '' }],
    ['a name of null', 400, 'request_invalid', ['/name'], { name: null }],
    ['a status that is none', 400, 'request_invalid', ['/status'], { status: 'frozen' }],
    ['another currency', 400, 'request_invalid', ['/currency'], { currency: 'EUR' }],
    ['another kind', 400, 'request_invalid', ['/kind'], { kind: 'book' }],
    ['a version', 400, 'request_invalid', ['/version'], { version: 7 }],
    ['a limit as a number', 400, 'request_invalid', ['/overdraftLimit'], { overdraftLimit: 1 }],
    ['a limit of a manual account', 422, 'overdraft_not_book', [], { overdraftLimit: '1' }],
  ])('refuses %s and writes nothing', async (_, status, code, pointers, body) => {
    const account = await openAccount(app);
    const before = await everything(app);
    expectRefusal(await edit(account, body), status, code, pointers);
    expect(await everything(app)).toBe(before);
  });

  it('refuses in the documented order', async () => {
    const key = await app.keyFor({ owner: 'ann' });
    const stranger = await openAccount(app, { kind: 'book' });
    const all = { owner: 'bob', status: 'closed', overdraftLimit: '-0.001' };
    expectRefusal(await edit(stranger, all, key), 403, 'owner_forbidden');
    expectRefusal(await edit(stranger, { ...all, owner: 'ann' }, key), 404, 'account_not_found');
    expectRefusal(await edit(await linkedAccount(app), all), 422, 'account_is_linked');
    expectRefusal(await edit(await openAccount(app), all), 422, 'overdraft_not_book');
    await setAccount(app, stranger.id, { overdraftLimit: 500n as Amount, ledger: -500n as Amount });
    expectRefusal(await edit(stranger, all), 400, 'amount_invalid', ['/overdraftLimit']);
    expectRefusal(await edit(stranger, { ...all, overdraftLimit: '-1' }), 400, 'amount_invalid', ['/overdraftLimit']);
    expectRefusal(await edit(stranger, { ...all, overdraftLimit: '1' }), 409, 'overdraft_in_use');
    expectRefusal(await edit(stranger, { ...all, overdraftLimit: '5' }), 409, 'account_not_empty');
    expectRefusal(await edit({ id: `acc_${'f'.repeat(32)}` }, { name: 'x' }), 404, 'account_not_found');
    expectRefusal(await app.post(`/v1/accounts/acc_${'f'.repeat(32)}/close`), 404, 'account_not_found');
  });
});
