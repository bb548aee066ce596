// What stood, moved and stands: statements, balances of the past and the trial balance say what the transfers did, and nothing else.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Json } from '../support/builders.js';
import { eachStore } from '../support/each-store.js';
import { TestApp } from '../support/test-app.js';
import { Bank, type OpenedAccount } from './bank.js';

const DAY_MS = 86_400_000;
const DAYS = 5;

eachStore((store) => {
  let app: TestApp;
  let bank: Bank;
  let alice: OpenedAccount;
  let bob: OpenedAccount;
  /** What alice held after each transfer, and when that was. */
  const past: { at: string; ledger: string }[] = [];
  beforeAll(async () => {
    app = await TestApp.start(store);
    app.clock.set('2026-03-01T00:00:00Z');
    bank = new Bank(app);
    [alice, bob] = [await bank.account(), await bank.account()];
    await bank.pay((await bank.treasury()).id, alice.id, '100.00', 'opening');
    for (let day = 0; day < DAYS; day += 1) {
      for (const ms of [0, DAY_MS / 2, DAY_MS / 2 - 1]) {
        app.clock.advance(ms);
        const { body } = await bank.move(alice, bob, `${day + 1}.00`, { memo: `day ${day}, "quoted"` });
        past.push({ at: body.at, ledger: body.lines[0].balance });
      }
      app.clock.advance(1);
    }
  });
  afterAll(() => app.stop());

  const statement = async (query: string): Promise<Json> =>
    (await app.get(`/v1/accounts/${alice.id}/statement?${query}`)).body;

  it('a statement of some days begins and ends with what stood there, and its lines lead from one to the other', async () => {
    const { opening, closing, lines, nextCursor } = await statement('from=2026-03-02&to=2026-03-03');
    expect([opening, closing, lines.length, nextCursor]).toEqual([past[2]!.ledger, past[8]!.ledger, 6, null]);
    expect(lines.map(({ runningBalance }: Json) => runningBalance)).toEqual(
      past.slice(3, 9).map(({ ledger }) => ledger),
    );
    const next = await statement('from=2026-03-04');
    expect([next.opening, next.closing]).toEqual([closing, (await bank.balanceOf(alice)).ledger]);
    expect(await statement('from=2025-01-01&to=2025-12-31')).toMatchObject({
      opening: '0.00',
      closing: '0.00',
      lines: [],
    });
  });

  it('goes page by page, with one opening and one closing', async () => {
    const whole = await statement('from=2026-03-01&to=2026-03-05&limit=500');
    const lines: Json[] = [];
    for (let cursor = ''; ;) {
      const page = await statement(`from=2026-03-01&to=2026-03-05&limit=4${cursor}`);
      expect([page.opening, page.closing]).toEqual([whole.opening, whole.closing]);
      lines.push(...page.lines);
      if (page.nextCursor === null) break;
      cursor = `&cursor=${encodeURIComponent(page.nextCursor)}`;
    }
    expect(lines).toEqual(whole.lines);
  });

  it.each(['format', 'accept'])('is CSV where it is asked for by %s', async (by) => {
    const url = `/v1/accounts/${alice.id}/statement?from=2026-03-02&to=2026-03-02`;
    const answer =
      by === 'format' ? await app.get(`${url}&format=csv`) : await app.get(url, { headers: { accept: 'text/csv' } });
    expect(String(answer.headers['content-type'])).toMatch(/^text\/csv/);
    const rows = answer.text.split('\r\n');
    expect(rows).toHaveLength(1 + 1 + 3 + 1 + 1);
    expect(rows[2]).toContain('"day 1, ""quoted""",-2.00,');
    expect([rows[1]!.split(',')[4], rows[5]!.split(',')[4]]).toEqual([past[2]!.ledger, past[5]!.ledger]);
  });

  it('tells what an account held at any moment, to the millisecond', async () => {
    const at = async (moment: number | string) =>
      (await app.get(`/v1/accounts/${alice.id}/balance?at=${new Date(moment).toISOString()}`)).body.ledger;
    for (const [index, { at: moment, ledger }] of past.entries()) {
      expect(await at(moment)).toBe(ledger);
      const before = past[index - 1];
      if (before !== undefined && before.at < moment) expect(await at(Date.parse(moment) - 1)).toBe(before.ledger);
    }
  });

  it('is refused for what is no book account, is not there, or is somebody else’s', async () => {
    const manual = (await app.post('/v1/accounts', { kind: 'manual', name: 'Cash', currency: 'USD' })).body;
    const key = await app.keyFor({ owner: 'bob' });
    const codeOf = async (id: string, query = '', options = {}) =>
      (await app.get(`/v1/accounts/${id}/statement${query}`, options)).body.code;
    expect(await codeOf(manual.id)).toBe('account_not_book');
    expect(await codeOf(`acc_${'0'.repeat(32)}`)).toBe('account_not_found');
    expect(await codeOf(alice.id, '', { key })).toBe('account_not_found');
    expect(await codeOf(alice.id, '?from=2026-03-02&to=2026-03-01')).toBe('request_invalid');
    expect(await codeOf(alice.id, '?cursor=nonsense')).toBe('cursor_invalid');
  });

  describe('the trial balance', () => {
    it('sums to zero in each currency, with what is held', async () => {
      const credits = await bank.account('30', { currency: 'XGC' });
      await bank.hold(credits, await bank.account(undefined, { currency: 'XGC' }), '7');
      const { data } = (await app.get('/v1/trial-balance')).body;
      const of = (code: string) => data.find(({ currency }: Json) => currency === code);
      expect(of('XGC')).toEqual({
        currency: 'XGC',
        accounts: 3,
        credit: '30',
        debit: '-30',
        sum: '0',
        held: '7',
        isBalanced: true,
      });
      expect(of('USD')).toMatchObject({ credit: '100.00', debit: '-100.00', sum: '0.00', isBalanced: true });
    });

    it('is for keys that see all accounts', async () => {
      const answer = await app.get('/v1/trial-balance', { key: await app.keyFor({ owner: 'bob' }) });
      expect([answer.status, answer.body.code]).toEqual([403, 'owner_forbidden']);
    });
  });
});
