// The statement of a book account: what stood, what moved and what stands, by day, as JSON and as CSV.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseInstant } from '../../src/common/clock.js';
import { bodyOf, expectRefusal, openAccount, withCursor, type Json } from '../support/builders.js';
import { readCsv } from '../support/csv.js';
import { eachStore } from '../support/each-store.js';
import { HeldClock, TestApp } from '../support/test-app.js';
import { Bank, type OpenedAccount } from '../transfers/bank.js';

const HEADER = 'date,at,description,amount,balance,currency,transaction,transfer,category,notes'.split(',');
const AWKWARD = 'a, "b"\r\nİ😀';
const UNKNOWN = `acc_${'f'.repeat(32)}`;

eachStore((store) => {
  let app: TestApp;
  let bank: Bank;
  let account: OpenedAccount;
  let url: string;
  /** What was moved, in its order. */
  let paid: Json[];

  /** Two lines on the 28th in one moment, two on the leap day, none on the day after, one on the second of March. */
  beforeAll(async () => {
    app = await TestApp.start(store, new HeldClock(parseInstant('2024-02-28T09:00:00Z')));
    bank = new Bank(app);
    account = await bank.account();
    url = `/v1/accounts/${account.id}/statement`;
    const treasury = await bank.treasury();
    const pay = async (amount: string, memo: string): Promise<Json> =>
      (await bank.move(treasury, account, amount, { memo })).body;
    paid = [await pay('100.00', 'Opening'), await pay('0.01', 'A cent')];
    app.clock.set('2024-02-29T00:00:00Z');
    paid.push(await pay('10.00', AWKWARD));
    app.clock.set('2024-02-29T23:59:59.999Z');
    paid.push((await bank.move(account, treasury, '2.50')).body);
    app.clock.set('2024-03-02T12:00:00Z');
    paid.push(await pay('1.00', 'March'));
    const line = paid[2].lines.find(({ accountId }: Json) => accountId === account.id);
    await bodyOf(app.patch(`/v1/transactions/${line.id}`, { category: 'x"y', notes: 'two\nlines' }));
  });
  afterAll(() => app.stop());

  const statement = (query = ''): Promise<Json> => bodyOf(app.get(`${url}${query}`));
  const movesOf = ({ lines }: Json): string[] => lines.map(({ amount }: Json) => amount);

  describe('by day', () => {
    it.each([
      ['all of them', '', '0.00', ['100.00', '0.01', '10.00', '-2.50', '1.00'], '108.51'],
      ['the leap day alone', '?from=2024-02-29&to=2024-02-29', '100.01', ['10.00', '-2.50'], '107.51'],
      ['from the leap day on', '?from=2024-02-29', '100.01', ['10.00', '-2.50', '1.00'], '108.51'],
      ['until the leap day', '?to=2024-02-29', '0.00', ['100.00', '0.01', '10.00', '-2.50'], '107.51'],
      ['a day without lines', '?from=2024-03-01&to=2024-03-01', '107.51', [], '107.51'],
      ['days before there was an account', '?from=0001-01-01&to=2024-02-27', '0.00', [], '0.00'],
      ['days to come', '?from=2024-03-03&to=9999-12-31', '108.51', [], '108.51'],
      [
        'both ends of the calendar',
        '?from=0001-01-01&to=9999-12-31',
        '0.00',
        ['100.00', '0.01', '10.00', '-2.50', '1.00'],
        '108.51',
      ],
    ])('%s', async (_, query, opening, moves, closing) => {
      const found = await statement(query);
      expect([found.opening, movesOf(found), found.closing]).toEqual([opening, moves, closing]);
      expect(found.nextCursor).toBeNull();
    });

    it('says whose it is and of which days, and shows the lines as they are shown elsewhere', async () => {
      const found = await statement();
      expect(found).toMatchObject({
        accountId: account.id,
        accountNumber: account.accountNumber,
        currency: 'USD',
        from: '2024-02-28',
        to: '2024-03-02',
      });
      expect(found.lines.map(({ transferId }: Json) => transferId)).toEqual(paid.map(({ id }) => id));
      for (const line of found.lines) expect(await bodyOf(app.get(`/v1/transactions/${line.id}`))).toEqual(line);
      const balances = found.lines.map(({ runningBalance }: Json) => runningBalance);
      expect(balances).toEqual(['100.00', '100.01', '110.01', '107.51', '108.51']);
    });

    it('is its owner’s to read, by whatever key', async () => {
      const key = await app.keyFor({ scope: 'read', owner: 'default' });
      expect((await app.get(url, { key })).text).toBe((await app.get(url)).text);
    });
  });

  describe('in pages', () => {
    it.each([1, 2, 3, 5])('of %i lines come to the same, and each names the next', async (limit) => {
      const whole = await statement();
      const lines: Json[] = [];
      let next: string | undefined = `${url}?limit=${limit}`;
      for (let pages = 0; next !== undefined; pages++) {
        expect(pages).toBeLessThan(6);
        const page = await app.get(next);
        expect(page.body).toMatchObject({ opening: whole.opening, closing: whole.closing });
        expect(page.body.lines.length).toBeLessThanOrEqual(limit);
        lines.push(...page.body.lines);
        next = /^<([^>]+)>; rel="next"$/.exec(String(page.headers['link'] ?? ''))?.[1];
        expect(next === undefined).toBe(page.body.nextCursor === null);
      }
      expect(lines).toEqual(whole.lines);
    });

    it('go on past midnight where no last day was asked for', async () => {
      const other = await bank.account('5.00');
      const list = `/v1/accounts/${other.id}/statement`;
      await bank.move(other, await bank.treasury(), '1.00');
      const first = await bodyOf(app.get(`${list}?limit=1`));
      app.clock.advance(24 * 3_600_000);
      const rest = await bodyOf(app.get(withCursor(list, first.nextCursor)));
      expect(movesOf(rest)).toEqual(['-1.00']);
    });

    it.each([
      ['of another range', '?from=2024-02-29&limit=1'],
      ['of another list', undefined],
    ])('refuses a cursor %s', async (_, query) => {
      const path = query === undefined ? '/v1/transactions?limit=1' : `${url}${query}`;
      const { nextCursor } = await bodyOf(app.get(path));
      expectRefusal(await app.get(withCursor(url, nextCursor)), 400, 'cursor_invalid');
    });
  });

  describe('as CSV', () => {
    const csv = async (query: string): Promise<string[][]> => readCsv((await app.get(`${url}${query}`)).text);

    it('has the opening, the lines and the closing, each cell as it is, quoted where it must be', async () => {
      const { lines } = await statement('?to=2024-02-29');
      const answer = await app.get(`${url}?to=2024-02-29&format=csv`);
      expect(answer.headers['content-type']).toBe('text/csv; charset=utf-8');
      expect(answer.headers['link']).toBeUndefined();
      expect(answer.text).toContain(`,"a, ""b""\r\nİ😀",10.00,110.01,USD,`);
      expect(answer.text).toContain(`,"x""y","two\nlines"\r\n`);
      expect(answer.text.endsWith('\r\n')).toBe(true);
      expect(readCsv(answer.text)).toEqual([
        HEADER,
        ['2024-02-28', '', 'Opening balance', '', '0.00', 'USD', '', '', '', ''],
        ...lines.map((line: Json) => [
          line.date,
          line.createdAt,
          line.description,
          line.amount,
          line.runningBalance,
          'USD',
          line.id,
          line.transferId,
          line.category ?? '',
          line.notes ?? '',
        ]),
        ['2024-02-29', '', 'Closing balance', '', '107.51', 'USD', '', '', '', ''],
      ]);
    });

    it('begins with the opening on its first page only, and ends with the closing on its last', async () => {
      const descriptions: string[][] = [];
      let next: string | undefined = `${url}?limit=2&to=2024-03-02&format=csv`;
      while (next !== undefined) {
        const { text, headers } = await app.get(next);
        const [header, ...rows] = readCsv(text);
        expect(header).toEqual(HEADER);
        descriptions.push(rows.map(([, , description]) => description!));
        next = /^<([^>]+)>; rel="next"$/.exec(String(headers['link'] ?? ''))?.[1];
      }
      expect(descriptions).toEqual([
        ['Opening balance', 'Opening', 'A cent'],
        [AWKWARD, 'transfer'],
        ['March', 'Closing balance'],
      ]);
    });

    it('of days without lines is the opening and the closing', async () => {
      expect((await csv('?from=2024-03-01&to=2024-03-01&format=csv')).map((row) => row.slice(0, 5))).toEqual([
        HEADER.slice(0, 5),
        ['2024-03-01', '', 'Opening balance', '', '107.51'],
        ['2024-03-01', '', 'Closing balance', '', '107.51'],
      ]);
    });

    it.each([
      [undefined, '', 'json'],
      ['*/*', '', 'json'],
      ['application/json', '', 'json'],
      ['text/csv', '', 'csv'],
      ['text/csv, */*;q=0.1', '', 'csv'],
      ['text/csv;q=0.5, application/json', '', 'json'],
      ['application/json', '?format=csv', 'csv'],
      ['text/csv', '?format=json', 'json'],
    ])('Accept %s and "%s" give %s', async (accept, query, type) => {
      const answer = await app.get(`${url}${query}`, { headers: accept === undefined ? {} : { accept } });
      expect([answer.status, answer.headers['content-type']]).toEqual([
        200,
        type === 'csv' ? 'text/csv; charset=utf-8' : 'application/json; charset=utf-8',
      ]);
    });

    it('is had where it is: elsewhere, and in other types, nothing is', async () => {
      const accepting = (accept: string, path = url) => app.get(path, { headers: { accept } });
      expectRefusal(await accepting('text/csv', '/v1/accounts'), 406, 'not_acceptable');
      expectRefusal(await accepting('text/html'), 406, 'not_acceptable');
      expectRefusal(await accepting('text/csv', url.replace(account.id, UNKNOWN)), 404, 'account_not_found');
    });
  });

  it('refuses what has none, in this order', async () => {
    const manual = await openAccount(app);
    expectRefusal(await app.get(`/v1/accounts/${UNKNOWN}/statement?cursor=x`), 404, 'account_not_found');
    expectRefusal(await app.get(`/v1/accounts/${manual.id}/statement?cursor=x`), 422, 'account_not_book');
    expectRefusal(await app.get(`${url}?cursor=x`), 400, 'cursor_invalid');
    expectRefusal(await app.get(`${url}?from=2024-02-29&to=2024-02-28`), 400, 'request_invalid', ['?to']);
    for (const [query, pointer] of [
      ['?from=2023-02-29', '?from'],
      ['?to=today', '?to'],
      ['?format=xml', '?format'],
      ['?limit=0', '?limit'],
      ['?from=2024-02-28&from=2024-02-28', '?from'],
    ] as const)
      expectRefusal(await app.get(`${url}${query}`), 400, 'request_invalid', [pointer]);
  });
});
