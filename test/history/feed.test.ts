// The change feed: what it says of each kind of change, to whom, and that a follower of it comes to hold what is there.
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { Change } from '../../src/changes/change.entity.js';
import { Database } from '../../src/database/database.js';
import { type FeedLine } from '../../src/feeds/port/feed.port.js';
import { FakeFeed, fakeAccount, fakeLine } from '../feeds/fake-feed.js';
import { enroll, sync } from '../feeds/linking.js';
import {
  bodyOf,
  EVERYBODY,
  expectRefusal,
  type Json,
  keepLine,
  lineFor,
  openAccount,
  stateBalance,
  withCursor,
} from '../support/builders.js';
import { eachStore } from '../support/each-store.js';
import { TestApp } from '../support/test-app.js';
import { expectWhole, Follower } from './follower.js';

const HOUR_MS = 3_600_000;
/** More than is numbered for one question. */
const MANY = 10_050;

eachStore((store) => {
  let app: TestApp;
  const fake = new FakeFeed();
  const keys: Record<string, string> = {};
  beforeAll(async () => {
    app = await TestApp.start(store, undefined, { feeds: [fake] });
    for (const owner of ['ann', 'bob']) keys[owner] = await app.keyFor({ owner, scope: 'admin' });
  });
  beforeEach(() => {
    app.clock.advance(1_000);
  });
  afterAll(() => app.stop());

  /** One that has read everything so far. */
  async function upToDate(options: Partial<Follower['options']> = {}): Promise<Follower> {
    const follower = new Follower(app, { name: 'follower', ...options });
    await follower.follow();
    return follower;
  }
  /** What came since, as words. */
  async function since(follower: Follower): Promise<string[]> {
    const { data } = await follower.ask(follower.cursor);
    await follower.follow();
    return data.map(({ object, objectId, change }) => `${change} ${object} ${objectId}`);
  }

  it('tells of everything that is added, modified and removed, each as GET shows it then', async () => {
    const follower = await upToDate();
    const account = await openAccount(app);
    const line = await keepLine(app, account);
    const balance = await stateBalance(app, account, { ledger: '5' });
    const edited = await bodyOf(app.patch(`/v1/transactions/${line.id}`, { notes: 'mine' }));
    await app.delete(`/v1/transactions/${line.id}`);
    const { data } = await follower.ask(follower.cursor);
    expect(data.map(({ object, change, data: it }) => [change, object, it])).toEqual([
      ['added', 'account', account],
      ['added', 'transaction', line],
      ['added', 'balance', balance],
      ['modified', 'account', await bodyOf(app.get(`/v1/accounts/${account.id}`))],
      ['modified', 'transaction', edited],
      ['removed', 'transaction', edited],
    ]);
    expect(data.map(({ objectId, owner }) => [objectId, owner])).toEqual(
      [account, line, balance, account, line, line].map(({ id }) => [id, 'default']),
    );
  });

  it('says nothing of what changed nothing, was refused, or was undone', async () => {
    const account = await openAccount(app);
    await stateBalance(app, account, { ledger: '5', asOf: '2026-01-01T00:00:00Z' });
    const line = await keepLine(app, account, { notes: 'as it is' });
    const follower = await upToDate();
    await bodyOf(app.patch(`/v1/accounts/${account.id}`, { name: account.name }));
    await bodyOf(app.patch(`/v1/transactions/${line.id}`, { notes: 'as it is' }));
    await stateBalance(app, account, { ledger: '5', asOf: '2026-01-01T00:00:00Z' });
    expectRefusal(await app.post(`/v1/accounts/${account.id}/balances`, {}), 400, 'balance_empty');
    const rows = [lineFor(account), { ...lineFor(account), amount: 'x' }];
    expect((await app.post('/v1/transactions/bulk', { mode: 'atomic', transactions: rows })).status).toBe(422);
    const stop = app.app.get(Database).observe(async () => {
      throw new Error('the power fails here');
    });
    expect((await app.post('/v1/transactions', lineFor(account))).status).toBe(500);
    stop();
    expect(await since(follower)).toEqual([]);
  });

  it('an account that goes to another owner is gone for the one and new for the other, with all that is on it', async () => {
    const account = await openAccount(app, { owner: 'ann' });
    const line = await keepLine(app, account);
    await stateBalance(app, account, { ledger: '5' });
    const [ann, bob, all] = [
      await upToDate({ key: keys['ann']! }),
      await upToDate({ key: keys['bob']! }),
      await upToDate(),
    ];
    await bodyOf(app.patch(`/v1/accounts/${account.id}`, { owner: 'bob' }));
    const [gone, come] = [await since(ann), await since(bob)];
    expect(gone.map((text) => text.split(' ')[0])).toEqual(['removed', 'removed', 'removed']);
    expect(come.map((text) => text.split(' ')[0])).toEqual(['added', 'added', 'added']);
    expect(come.map((text) => text.replace('added', 'removed')).sort()).toEqual([...gone].sort());
    expect(gone).toContain(`removed transaction ${line.id}`);
    // Ann is not told whose it is now, nor what becomes of it.
    const { data } = await ann.ask(null);
    expect(data.every(({ owner }) => owner === 'ann')).toBe(true);
    await bodyOf(app.patch(`/v1/transactions/${line.id}`, { notes: 'of Bob' }));
    expect(await since(ann)).toEqual([]);
    await expectWhole(app, [ann, bob, all]);
  });

  it('a line that the bank takes back is removed, and added when it is there again', async () => {
    const [one, two] = [fakeLine('l1'), fakeLine('l2', { status: 'pending', raw: '{"p":1}' })];
    let lines: FeedLine[] = [one, two];
    fake.accountsListed = [fakeAccount('a', () => lines)];
    const enrollment = await enroll(app, { feed: 'fake', owner: 'ann' });
    await sync(app, enrollment);
    const follower = await upToDate({ key: keys['ann']!, object: 'transaction' });
    const told = async (): Promise<string[]> => (await since(follower)).map((text) => text.split(' ')[0]!);
    lines = [one];
    await sync(app, enrollment);
    expect(await told()).toEqual(['removed']);
    lines = [one, two];
    await sync(app, enrollment);
    expect(await told()).toEqual(['added']);
    lines = [one, { ...two, status: 'posted' }];
    await sync(app, enrollment);
    expect(await told()).toEqual(['modified']);
    await expectWhole(app, [follower]);
  });

  it('what is noted on a removed line does not bring it back', async () => {
    let lines: FeedLine[] = [fakeLine('n1'), fakeLine('n2')];
    fake.accountsListed = [fakeAccount('n', () => lines)];
    const enrollment = await enroll(app, { feed: 'fake', owner: 'bob' });
    await sync(app, enrollment);
    lines = lines.slice(1);
    await sync(app, enrollment);
    const [removed] = (await bodyOf(app.get('/v1/transactions?status=removed', { key: keys['bob']! }))).data;
    const follower = await upToDate({ key: keys['bob']! });
    await bodyOf(app.patch(`/v1/transactions/${removed.id}`, { notes: 'gone' }));
    expect((await since(follower)).filter((text) => !text.startsWith('removed'))).toEqual([]);
    await expectWhole(app, [follower]);
  });

  it('pages of every size say the same in the same order', async () => {
    const account = await openAccount(app, { owner: 'sized' });
    for (const notes of ['a', 'b', 'c', 'd']) await keepLine(app, account, { notes });
    await bodyOf(app.patch(`/v1/accounts/${account.id}`, { name: 'Other' }));
    const read = async (limit: number): Promise<unknown[]> => {
      const all: unknown[] = [];
      let page: Json = { nextCursor: null };
      do {
        page = await bodyOf(app.get(withCursor(`/v1/changes?owner=sized&limit=${limit}`, page.nextCursor)));
        expect(page.data.length).toBeLessThanOrEqual(limit);
        all.push(...page.data);
      } while (page.hasMore === true);
      return all;
    };
    const whole = await read(500);
    expect(whole).toHaveLength(6);
    for (const limit of [1, 2, 3, 5, 6, 7]) expect(await read(limit)).toEqual(whole);
    for (const limit of [0, -1, 501, '1.5', 'x'])
      expect((await app.get(`/v1/changes?limit=${limit}`)).status, String(limit)).toBe(400);
  });

  it('a cursor goes on behind what is not meant for its holder', async () => {
    const [enrollments, ann] = [await upToDate({ object: 'enrollment' }), await upToDate({ key: keys['ann']! })];
    const cursors = [enrollments.cursor, ann.cursor];
    await openAccount(app, { owner: 'bob' });
    expect([await enrollments.follow(), await ann.follow()]).toEqual([0, 0]);
    expect([enrollments.cursor, ann.cursor].map((cursor, index) => cursor === cursors[index])).toEqual([false, false]);
    await enroll(app, { feed: 'fake', owner: 'ann' });
    expect(await enrollments.follow()).toBeGreaterThan(0);
    expect(await ann.follow()).toBeGreaterThan(0);
  });

  it('a cursor is good with its own filters only, and for whom it was given', async () => {
    await openAccount(app, { owner: 'ann' });
    const cursorOf = async (url: string, key = app.key) => (await bodyOf(app.get(url, { key }))).nextCursor as string;
    const anns = keys['ann']!;
    const asked: readonly (readonly [url: string, key?: string])[] = [
      ['/v1/changes'],
      ['/v1/changes?owner=bob'],
      ['/v1/changes', keys['bob']!],
      ['/v1/changes?object=account'],
      ['/v1/changes?object=transaction'],
      ['/v1/changes?object=account&owner=bob'],
      ['/v1/changes', anns],
      ['/v1/accounts'],
      ['/v1/audit'],
    ];
    const cursors = await Promise.all(
      asked.map(async ([url, key], index) => [index, await cursorOf(url, key)] as const),
    );
    for (const [index, cursor] of cursors) {
      for (const [other, [url, key = app.key]] of asked.entries()) {
        if (typeof cursor !== 'string') continue;
        const answer = await app.get(withCursor(url, cursor), { key });
        // Bob's key asks for what the admin asks for on his behalf.
        const isSame = index === other || (index === 1 && other === 2) || (index === 2 && other === 1);
        if (isSame) expect([asked[index], answer.status]).toEqual([asked[index], 200]);
        else expectRefusal(answer, 400, 'cursor_invalid');
      }
    }
    expectRefusal(await app.get('/v1/changes?owner=bob', { key: anns }), 403, 'owner_forbidden');
  });

  it('a forged cursor is refused, and so is one from another store that was further', async () => {
    const nextCursor = (await upToDate()).cursor!;
    const [digest, position] = JSON.parse(Buffer.from(nextCursor, 'base64url').toString()) as [string, string];
    const forged = (...parts: unknown[]) => Buffer.from(JSON.stringify(parts)).toString('base64url');
    expect((await app.get(withCursor('/v1/changes', forged(digest, position)))).status).toBe(200);
    const positions = ['-1', '1.5', '1e3', 'NaN', '', '0x10', ' 1', '9'.repeat(15), '9'.repeat(16), '9'.repeat(400)];
    const bad = [
      '',
      ' ',
      'x',
      'W10',
      '%00',
      '💥',
      'null',
      nextCursor.slice(0, -3),
      `${nextCursor}${nextCursor}`,
      ...positions.map((at) => forged(digest, at)),
      forged(digest),
      forged(digest, position, '1'),
      forged(digest, 7),
      forged('x', position),
      forged(digest, null),
      forged(digest, String(BigInt(position) + 1n)),
      Buffer.from('{"0":1}').toString('base64url'),
    ];
    for (const cursor of bad) {
      const answer = await app.get(`/v1/changes?cursor=${encodeURIComponent(cursor)}`);
      expect([cursor, answer.status]).toEqual([cursor, 400]);
    }
  });

  it('what is on a page shows what was, though it has changed since', async () => {
    const follower = await upToDate();
    fake.accountsListed = [fakeAccount('p1', () => [])];
    const enrollment = await enroll(app, { feed: 'fake', owner: 'page' });
    await sync(app, enrollment);
    const before = await follower.ask(follower.cursor);
    app.clock.advance(HOUR_MS);
    fake.accountsListed = [fakeAccount('p1', () => []), fakeAccount('p2', () => [])];
    await sync(app, enrollment);
    const after = await follower.ask(follower.cursor);
    expect(after.data.slice(0, before.data.length)).toEqual(before.data);
  });

  it('more than is numbered at once comes page by page, in order, and to an end', { timeout: 300_000 }, async () => {
    const follower = await upToDate({ owner: 'many', limit: 500 });
    const account = await openAccount(app, { owner: 'many' });
    const [kept] = (await app.app
      .get(Database)
      .read(EVERYBODY, (reader) => reader.rows(Change).find({ where: { objectId: account.id as string } }))) as [
      Change,
    ];
    const changes = Array.from({ length: MANY }, (_, index): Change => {
      const id = `chg_f${index.toString(16).padStart(31, '0')}` as Change['id'];
      return { ...kept, id, objectId: `acc_e${index.toString(16).padStart(31, '0')}` };
    });
    await app.app.get(Database).transact(EVERYBODY, (tx) => tx.insert(Change, changes));
    const first = await follower.ask(follower.cursor);
    expect([first.data.length, first.hasMore]).toEqual([500, true]);
    expect(await follower.follow()).toBe(MANY + 1);
    expect([...follower.held.keys()].slice(-MANY)).toEqual(changes.map(({ objectId }) => `account ${objectId}`));
    // One whose filter none of them passes comes to the end all the same, and so does its cursor.
    const bystander = await upToDate({ object: 'enrollment', owner: 'many' });
    expect(await bystander.follow()).toBe(0);
  });
});
