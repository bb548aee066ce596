// Two writers of the same lines. The fence is the account's lock, taken before anything is read: FOR NO KEY UPDATE on
// PostgreSQL, the turn to write on SQLite. Without it each of these tests fails on PostgreSQL, and each that stops a writer on SQLite, too.
import { afterAll, beforeAll, expect, it } from 'vitest';
import { allPages, bodyOf, expectRefusal, keepLine, lineFor, openAccount, type Json } from '../support/builders.js';
import { eachStore } from '../support/each-store.js';
import { clash } from '../support/held-write.js';
import { TestApp } from '../support/test-app.js';

eachStore((store) => {
  let app: TestApp;
  let account: { id: string };
  beforeAll(async () => {
    app = await TestApp.start(store);
    account = await openAccount(app);
  });
  afterAll(() => app.stop());

  const edit = (line: { id: string }, body: unknown) => () => app.patch(`/v1/transactions/${line.id}`, body);
  const remove = (line: { id: string }) => () => app.delete(`/v1/transactions/${line.id}`);
  const close = (of: { id: string }) => () => app.post(`/v1/accounts/${of.id}/close`);
  const write =
    (of: { id: string }, fields = {}, key = app.key) =>
    () =>
      app.post('/v1/transactions', lineFor(of, fields), { key });
  const linesOf = (of: { id: string }) => allPages(app, `/v1/accounts/${of.id}/transactions?limit=500`);

  it('two edits of different fields both stand, and are counted both', async () => {
    const line = await keepLine(app, account, { description: 'old', notes: null });
    const { secondWasFirst } = await clash(
      app,
      'transactions',
      edit(line, { description: 'alpha' }),
      edit(line, { notes: 'beta' }),
    );
    expect(secondWasFirst).toBe(false);
    expect(await bodyOf(app.get(`/v1/transactions/${line.id}`))).toMatchObject({
      description: 'alpha',
      notes: 'beta',
      version: 3,
    });
    // What is searched follows from both fields: an edit that saw an old line would search the old words.
    for (const [text, count] of [
      ['alpha', 1],
      ['beta', 1],
      ['old', 0],
    ] as const) {
      expect((await bodyOf(app.get(`/v1/transactions?text=${text}&accountId=${account.id}`))).data).toHaveLength(count);
    }
  });

  it('forty edits at once are counted as forty', async () => {
    const line = await keepLine(app, account);
    const fields = ['description', 'counterparty', 'category', 'notes'];
    const answers = await Promise.all(
      Array.from({ length: 40 }, (_, index) => edit(line, { [fields[index % 4]!]: `number ${index}` })()),
    );
    expect(answers.map(({ body }) => body.version).sort((a, b) => a - b)).toEqual(
      Array.from({ length: 40 }, (_, index) => index + 2),
    );
    const last = answers.find(({ body }) => body.version === 41)!;
    expect(await bodyOf(app.get(`/v1/transactions/${line.id}`))).toEqual(last.body);
    for (const field of fields) expect(last.body[field]).toMatch(/^number/);
  });

  it('one of two deletions of a line finds it', async () => {
    const line = await keepLine(app, account);
    const { first, second, secondWasFirst } = await clash(app, 'transactions', remove(line), remove(line));
    expect(secondWasFirst).toBe(false);
    expect(first.status).toBe(204);
    expectRefusal(second, 404, 'transaction_not_found');
  });

  it('an edit of a line that is deleted meanwhile does not find it', async () => {
    const line = await keepLine(app, account);
    const { second, secondWasFirst } = await clash(app, 'transactions', remove(line), edit(line, { notes: 'x' }));
    expect(secondWasFirst).toBe(false);
    expectRefusal(second, 404, 'transaction_not_found');
  });

  it('closing waits for a line that is being written', async () => {
    const own = await openAccount(app);
    const { first, second, secondWasFirst } = await clash(app, 'transactions', write(own), close(own));
    expect(secondWasFirst).toBe(false);
    expect([first.status, second.status]).toEqual([201, 200]);
    expect(await linesOf(own)).toEqual([first.body]);
  });

  it('a line that is asked for while the account is being closed is refused', async () => {
    const own = await openAccount(app);
    const { second, secondWasFirst } = await clash(app, 'accounts', close(own), write(own));
    expect(secondWasFirst).toBe(false);
    expectRefusal(second, 409, 'account_closed');
    expect(await linesOf(own)).toEqual([]);
  });

  it('no line lands on an account once its closing is acknowledged', async () => {
    for (let round = 0; round < 5; round++) {
      const own = await openAccount(app);
      const writes = Array.from({ length: 12 }, () => write(own)());
      expect((await close(own)()).status).toBe(200);
      const atClosing = await linesOf(own);
      const answers = await Promise.all(writes);
      expect(await linesOf(own)).toEqual(atClosing);
      expect(answers.filter(({ status }) => status === 201)).toHaveLength(atClosing.length);
      for (const late of answers.filter(({ status }) => status !== 201)) expectRefusal(late, 409, 'account_closed');
    }
  });

  it('a line that is written while its account changes hands goes along', async () => {
    const own = await openAccount(app, { owner: 'ann' });
    const give = () => app.patch(`/v1/accounts/${own.id}`, { owner: 'bob' });
    const { first, secondWasFirst } = await clash(app, 'transactions', write(own), give);
    expect(secondWasFirst).toBe(false);
    const bob = await app.keyFor({ owner: 'bob' });
    expect((await app.get(`/v1/transactions/${first.body.id}`, { key: bob })).status).toBe(200);
  });

  it('a line that is asked for while its account is given away is the new owner’s, or is refused to the old one', async () => {
    const ann = await app.keyFor({ owner: 'ann' });
    const bob = await app.keyFor({ owner: 'bob' });
    for (const key of [app.key, ann]) {
      const own = await openAccount(app, { owner: 'ann' });
      const give = () => app.patch(`/v1/accounts/${own.id}`, { owner: 'bob' });
      const { second, secondWasFirst } = await clash(app, 'accounts', give, write(own, {}, key));
      expect(secondWasFirst).toBe(false);
      if (key === ann) expectRefusal(second, 404, 'account_not_found');
      else expect((await app.get(`/v1/transactions/${second.body.id}`, { key: bob })).status).toBe(200);
    }
  });

  it('an edit of a line whose account is given away does not find the line', async () => {
    const ann = await app.keyFor({ owner: 'ann' });
    const own = await openAccount(app, { owner: 'ann' });
    const line = await keepLine(app, own);
    const give = () => app.patch(`/v1/accounts/${own.id}`, { owner: 'bob' });
    const editByAnn = () => app.patch(`/v1/transactions/${line.id}`, { notes: 'x' }, { key: ann });
    const { second, secondWasFirst } = await clash(app, 'accounts', give, editByAnn);
    expect(secondWasFirst).toBe(false);
    expectRefusal(second, 404, 'transaction_not_found');
  });

  it('an external id that two ask for at once is had by one', async () => {
    const { first, second, secondWasFirst } = await clash(
      app,
      'transactions',
      write(account, { externalId: 'once' }),
      write(account, { externalId: 'once' }),
    );
    expect(secondWasFirst).toBe(false);
    expect(first.status).toBe(201);
    expectRefusal(second, 409, 'external_id_taken');
  });

  it.each(['independent', 'atomic'])('two equal bulks (%s) at once write each line once', async (mode) => {
    const own = await openAccount(app);
    const transactions = Array.from({ length: 50 }, (_, index) => lineFor(own, { externalId: `row ${index}` }));
    const bulk = () => app.post('/v1/transactions/bulk', { mode, transactions });
    const { first, second, secondWasFirst } = await clash(app, 'transactions', bulk, bulk);
    expect(secondWasFirst).toBe(false);
    expect(first.body).toMatchObject({ succeeded: 50 });
    if (mode === 'atomic')
      expectRefusal(
        second,
        422,
        'bulk_refused',
        transactions.map((_, index) => `/transactions/${index}`),
      );
    else expect(second.body).toMatchObject({ succeeded: 0, refused: 50 });
    expect(await linesOf(own)).toHaveLength(50);
  });

  it('of bulks that overlap, over several accounts and at once, exactly one has each line', async () => {
    const own = [await openAccount(app), await openAccount(app), await openAccount(app)];
    const row = (index: number) => lineFor(own[index % 3]!, { externalId: `row ${index}` });
    const bulks = Array.from({ length: 8 }, (_, bulk) => {
      const rows = Array.from({ length: 40 }, (_row, index) => row(bulk * 10 + index));
      // Each names the accounts in another order: the locks are taken in one.
      return bulk % 2 === 0 ? rows : rows.reverse();
    });
    const answers = await Promise.all(
      bulks.map((transactions) => app.post('/v1/transactions/bulk', { mode: 'independent', transactions })),
    );
    const created = answers.flatMap(({ body }) => body.data.flatMap((one: Json) => one.transaction ?? []));
    expect(created.map(({ externalId }: Json) => externalId).sort()).toEqual(
      Array.from({ length: 110 }, (_, index) => `row ${index}`).sort(),
    );
    const refused = answers.flatMap(({ body }) => body.data.flatMap((one: Json) => one.problem?.code ?? []));
    expect(new Set(refused)).toEqual(new Set(['external_id_taken']));
    expect((await Promise.all(own.map(linesOf))).flat()).toHaveLength(110);
  });

  it('two bulk deletions of the same lines at once delete each once', async () => {
    const lines = [await keepLine(app, account), await keepLine(app, account)];
    const bulk = () =>
      app.post('/v1/transactions/bulk-delete', { mode: 'independent', ids: lines.map(({ id }) => id) });
    const { first, second, secondWasFirst } = await clash(app, 'transactions', bulk, bulk);
    expect(secondWasFirst).toBe(false);
    expect(first.body).toMatchObject({ succeeded: 2, refused: 0 });
    expect(second.body).toMatchObject({ succeeded: 0, refused: 2 });
  });
});
