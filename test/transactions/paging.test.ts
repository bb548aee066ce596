// Pages are stable while rows come and go: no row twice, none skipped that stood before and stands still.
import fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { allPages, bodyOf, keepLine, lineFor, openAccount, withCursor, type Json } from '../support/builders.js';
import { eachStore } from '../support/each-store.js';
import { seed, share } from '../support/share.js';
import { TestApp } from '../support/test-app.js';

const DAYS = Array.from({ length: 9 }, (_, index) => `2026-11-0${index + 1}`);

eachStore((store) => {
  let app: TestApp;
  beforeAll(async () => {
    app = await TestApp.start(store);
  });
  afterAll(() => app.stop());

  const bulk = (account: { id: string }, dates: readonly string[]): Promise<Json> =>
    bodyOf(
      app.post('/v1/transactions/bulk', {
        mode: 'atomic',
        transactions: dates.map((date) => lineFor(account, { date })),
      }),
    );

  function expectInOrder(rows: readonly { date: string; id: string }[], order: string): void {
    const places = rows.map(({ date, id }) => `${date} ${id}`);
    expect(new Set(places).size).toBe(places.length);
    expect(places).toEqual(order === 'asc' ? [...places].sort() : [...places].sort().reverse());
  }

  it.each(['asc', 'desc'])('while another writes and deletes between the pages, %s', async (order) => {
    const written = fc.array(fc.array(fc.constantFrom(...DAYS), { maxLength: 3 }), { minLength: 1, maxLength: 6 });
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.constantFrom(...DAYS), { minLength: 1, maxLength: 12 }),
        written,
        fc.integer({ min: 1, max: 5 }),
        fc.nat(),
        async (dates, meanwhile, limit, pick) => {
          const account = await openAccount(app);
          const stood = (await bulk(account, dates)).data.map((row: Json) => row.transaction);
          const gone = stood[pick % stood.length];
          const seen: Json[] = [];
          let cursor: string | null = null;
          let turn = 0;
          do {
            const page = await bodyOf(
              app.get(withCursor(`/v1/accounts/${account.id}/transactions?order=${order}&limit=${limit}`, cursor)),
            );
            seen.push(...page.data);
            cursor = page.nextCursor;
            const now = meanwhile[turn] ?? [];
            if (now.length > 0) await bulk(account, now);
            if (turn === 0) await app.delete(`/v1/transactions/${gone.id}`);
            turn += 1;
          } while (cursor !== null && turn < 100);
          expectInOrder(seen, order);
          const ids = new Set(seen.map(({ id }) => id));
          expect(stood.filter(({ id }: Json) => id !== gone.id && !ids.has(id))).toEqual([]);
        },
      ),
      { seed: seed(), numRuns: share({ test: 25, prove: 1_000 }) },
    );
  });

  it.each(['asc', 'desc'])('while others write at the same time, %s', async (order) => {
    const account = await openAccount(app);
    const stood = (
      await bulk(
        account,
        Array.from({ length: 90 }, (_, index) => DAYS[(index * 5) % 9]!),
      )
    ).data.map((row: Json) => row.transaction.id);
    let isDone = false;
    const writer = async (offset: number): Promise<void> => {
      for (let index = offset; !isDone; index++) await keepLine(app, account, { date: DAYS[(index * 7) % 9] });
    };
    const writers = [writer(0), writer(4)];
    const rows: Json[] = [];
    let cursor: string | null = null;
    for (let page = 0; page === 0 || (cursor !== null && page < 400); page++) {
      const answer = await bodyOf(
        app.get(withCursor(`/v1/accounts/${account.id}/transactions?order=${order}&limit=3`, cursor)),
      );
      rows.push(...answer.data);
      cursor = answer.nextCursor;
    }
    isDone = true;
    await Promise.all(writers);
    expectInOrder(rows, order);
    const ids = new Set(rows.map(({ id }) => id));
    expect(stood.filter((id: string) => !ids.has(id))).toEqual([]);
  });

  it('a list of nothing is one empty page', async () => {
    const account = await openAccount(app);
    expect(await bodyOf(app.get(`/v1/accounts/${account.id}/transactions`))).toEqual({ data: [], nextCursor: null });
  });

  it('a last page that is exactly full has no next one', async () => {
    const account = await openAccount(app);
    await bulk(account, Array(500).fill('2026-11-01'));
    const url = `/v1/accounts/${account.id}/transactions`;
    const sizes = async (limit: string): Promise<number[]> => {
      const found: number[] = [];
      let cursor: string | null = null;
      do {
        const page: Json = await bodyOf(app.get(withCursor(`${url}${limit}`, cursor)));
        found.push(page.data.length);
        cursor = page.nextCursor;
      } while (cursor !== null);
      return found;
    };
    expect(await sizes('?limit=500')).toEqual([500]);
    expect(await sizes('?limit=250')).toEqual([250, 250]);
    expect(await sizes('?limit=499')).toEqual([499, 1]);
    expect(await sizes('')).toEqual(Array(10).fill(50));
    expect((await sizes('?limit=007')).length).toBe(72);
    expect(await allPages(app, `${url}?limit=100`)).toHaveLength(500);
  });

  it('the accounts that stood are all seen while others are opened', async () => {
    const key = await app.keyFor({ owner: 'pager' });
    const stood = [];
    for (let index = 0; index < 7; index++) stood.push((await openAccount(app, {}, { key })).id);
    const seen: string[] = [];
    let cursor: string | null = null;
    for (let page = 0; page === 0 || (cursor !== null && page < 50); page++) {
      const answer = await bodyOf(app.get(withCursor('/v1/accounts?limit=2', cursor), { key }));
      seen.push(...answer.data.map(({ id }: Json) => id));
      cursor = answer.nextCursor;
      if (page < 5) await openAccount(app, {}, { key });
    }
    expect(seen.slice(0, 7)).toEqual(stood);
    expect([...seen].sort()).toEqual(seen);
    expect(new Set(seen).size).toBe(seen.length);
  });
});
