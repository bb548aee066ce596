// Two writers of one account. The fence is the account's lock, taken before anything is read: FOR NO KEY UPDATE on
// PostgreSQL, the turn to write on SQLite. Without it each of these tests fails on PostgreSQL, and each that stops a writer on SQLite, too.
import { afterAll, beforeAll, expect, it } from 'vitest';
import { bodyOf, openAccount } from '../support/builders.js';
import { eachStore } from '../support/each-store.js';
import { clash } from '../support/held-write.js';
import { TestApp } from '../support/test-app.js';

eachStore((store) => {
  let app: TestApp;
  beforeAll(async () => {
    app = await TestApp.start(store);
  });
  afterAll(() => app.stop());

  const edit = (account: { id: string }, body: unknown) => () => app.patch(`/v1/accounts/${account.id}`, body);

  it('two edits of different fields both stand, and are counted both', async () => {
    const account = await openAccount(app, { kind: 'book' });
    const { first, second, secondWasFirst } = await clash(
      app,
      'accounts',
      edit(account, { name: 'Vault' }),
      edit(account, { overdraftLimit: '5' }),
    );
    expect(secondWasFirst).toBe(false);
    expect([first.body.version, second.body.version]).toEqual([2, 3]);
    expect(await bodyOf(app.get(`/v1/accounts/${account.id}`))).toMatchObject({
      name: 'Vault',
      overdraftLimit: '5.00',
      version: 3,
    });
  });

  it('closing twice at once is one closing', async () => {
    const account = await openAccount(app);
    const close = () => app.post(`/v1/accounts/${account.id}/close`);
    const closeLater = () => {
      app.clock.advance(1_000);
      return close();
    };
    const { first, second, secondWasFirst } = await clash(app, 'accounts', close, closeLater);
    expect(secondWasFirst).toBe(false);
    expect(second.body).toEqual(first.body);
    expect(second.body.version).toBe(2);
  });

  it('forty edits at once are counted as forty', async () => {
    const account = await openAccount(app, { kind: 'book' });
    const edits = Array.from({ length: 40 }, (_, index) =>
      edit(account, index % 2 === 0 ? { name: `name ${index}` } : { overdraftLimit: String(index) }),
    );
    const answers = await Promise.all(edits.map((one) => one()));
    expect(answers.map(({ body }) => body.version).sort((a, b) => a - b)).toEqual(
      Array.from({ length: 40 }, (_, index) => index + 2),
    );
    const last = answers.find(({ body }) => body.version === 41)!;
    expect(await bodyOf(app.get(`/v1/accounts/${account.id}`))).toEqual(last.body);
    expect(last.body.name).toMatch(/^name/);
    expect(last.body.overdraftLimit).not.toBe('0.00');
  });
});
