// What an answer says beside its body: the page after it, where it stays, whether it was given before, when to try again.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bodyOf, keepLine, lineFor, openAccount, stateBalance } from '../support/builders.js';
import { eachStore } from '../support/each-store.js';
import { type Answer, TestApp } from '../support/test-app.js';

const NEXT = /^<([^>]+)>; rel="next"$/;

eachStore((store) => {
  let app: TestApp;
  let account: { id: string };
  beforeAll(async () => {
    app = await TestApp.start(store);
    account = await openAccount(app, { owner: 'ana' });
    for (const _ of Array.from({ length: 4 })) await openAccount(app, { owner: 'ana' });
    for (const day of ['01', '02', '03', '04', '05'])
      await keepLine(app, account, { date: `2026-11-${day}`, notes: 'a&b=c d>é', category: 'a b' });
    for (const day of ['16', '17', '18', '19', '20'])
      await stateBalance(app, account, { ledger: '1', asOf: `2026-11-${day}T00:00:00Z` });
  });
  afterAll(() => app.stop());

  const nextOf = ({ headers }: Answer): string | undefined => NEXT.exec(String(headers['link'] ?? ''))?.[1];

  /** Every page, found by following the links. */
  async function pagesFrom(url: string): Promise<Answer[]> {
    const pages: Answer[] = [];
    for (let next: string | undefined = url; next !== undefined; next = nextOf(pages.at(-1)!)) {
      pages.push(await app.get(next));
      if (pages.length > 10) throw new Error('The links lead in a circle.');
    }
    return pages;
  }

  describe('the link to the next page', () => {
    it.each([
      () => '/v1/accounts?limit=2',
      () => '/v1/accounts?owner=ana&limit=2',
      () => '/v1/accounts/?limit=2',
      () => `/v1/transactions?text=${encodeURIComponent('a&b=c d>é')}&limit=2`,
      () => '/v1/transactions?category=a+b&limit=2',
      () => `/v1/accounts/${account.id}/transactions?limit=2&order=asc`,
      () => `/v1/accounts/${account.id}/balances?from=2026-11-16T00:00:00%2B00:00&limit=2`,
    ])('%s leads through the whole list', async (url) => {
      const pages = await pagesFrom(url());
      expect(pages.map(({ status }) => status)).toEqual([200, 200, 200]);
      expect(pages.map(({ body }) => body.data.length)).toEqual([2, 2, 1]);
      expect(new Set(pages.flatMap(({ body }) => body.data.map((row: { id: string }) => row.id))).size).toBe(5);
      for (const page of pages.slice(0, -1))
        expect(new URLSearchParams(nextOf(page)!.split('?')[1]).get('cursor')).toBe(page.body.nextCursor);
      expect(pages.at(-1)!.headers['link']).toBeUndefined();
    });

    it('keeps what was asked for, and names one cursor only', async () => {
      const first = await app.get('/v1/accounts?limit=1&owner=ana');
      const second = await app.get(nextOf(first)!);
      const asked = new URLSearchParams(nextOf(second)!.split('?')[1]);
      expect(asked.getAll('cursor')).toEqual([second.body.nextCursor]);
      expect([asked.get('limit'), asked.get('owner')]).toEqual(['1', 'ana']);
    });

    it('is not there where there is one thing, or nothing', async () => {
      for (const url of [`/v1/accounts/${account.id}`, '/v1/accounts?owner=nobody', '/v1/feeds', '/livez'])
        expect((await app.get(url)).headers['link']).toBeUndefined();
    });

    it('is not given to whoever is up to date with the changes', async () => {
      const url = '/v1/changes?limit=2';
      const first = await app.get(url);
      expect({ status: first.status, hasMore: first.body.hasMore }).toEqual({ status: 200, hasMore: true });
      let page = first;
      while (nextOf(page) !== undefined) page = await app.get(nextOf(page)!);
      expect(page.body).toMatchObject({ hasMore: false, nextCursor: expect.any(String) });
    });
  });

  describe('the place of what was made', () => {
    const made: [string, () => Promise<Answer>][] = [
      ['an account', () => app.post('/v1/accounts', { kind: 'manual', name: 'Cash', currency: 'USD' })],
      ['a line', () => app.post('/v1/transactions', lineFor(account))],
      [
        'an enrollment',
        () => app.post('/v1/enrollments', { feed: 'sandbox', institutionId: 'harbor_bank', consent: { user: 'demo' } }),
      ],
    ];
    it.each(made)('of %s can be asked', async (_name, make) => {
      const answer = await make();
      expect(answer.status).toBe(201);
      const there = await app.get(String(answer.headers['location']));
      expect({ status: there.status, body: there.body }).toEqual({ status: 200, body: answer.body });
    });

    it('is not said by what only changes or reads', async () => {
      const answers = [
        await app.get(`/v1/accounts/${account.id}`),
        await app.patch(`/v1/accounts/${account.id}`, { name: 'Safe' }),
        await app.post('/v1/accounts', { kind: 'no such kind' }),
      ];
      for (const { headers } of answers) expect(headers['location']).toBeUndefined();
    });
  });

  describe('a repetition', () => {
    const withKey = (key: string) => ({ headers: { 'idempotency-key': key } });

    it('is marked, and says version and place as the first answer did', async () => {
      const fields = { kind: 'manual', name: 'Once', currency: 'USD' };
      const first = await app.post('/v1/accounts', fields, withKey('a-1'));
      const again = await app.post('/v1/accounts', fields, withKey('a-1'));
      expect(first.headers['idempotency-replayed']).toBeUndefined();
      expect(again.headers['idempotency-replayed']).toBe('true');
      for (const { status, headers, text } of [first, again])
        expect({ status, etag: headers['etag'], location: headers['location'], text }).toEqual({
          status: 201,
          etag: '"1"',
          location: `/v1/accounts/${first.body.id}`,
          text: first.text,
        });
    });

    it('without a key is none', async () => {
      const { headers } = await app.post('/v1/transactions', lineFor(account));
      expect(headers['idempotency-replayed']).toBeUndefined();
    });
  });

  it('no answer says that it is deprecated, but those of the old probes, which answer on', async () => {
    for (const url of ['/health', '/readiness']) {
      const { status, headers } = await app.get(url, { key: undefined });
      expect({ status, deprecation: headers['deprecation'], link: headers['link'] }).toEqual({
        status: 200,
        deprecation: `@${Date.UTC(2026, 10, 21) / 1_000}`,
        link: '</docs>; rel="deprecation"',
      });
    }
    for (const url of ['/livez', '/readyz', '/v1/accounts'])
      expect((await app.get(url)).headers['deprecation']).toBeUndefined();
  });

  it('every POST answers with a body, in which it is seen whether its key was used', async () => {
    const { paths } = await bodyOf(app.get('/openapi.json'));
    const posts = Object.entries(paths as Record<string, { post?: { responses: object } }>);
    for (const [path, { post }] of posts)
      expect({ path, statuses: Object.keys(post?.responses ?? {}) }).not.toMatchObject({
        statuses: expect.arrayContaining(['204']),
      });
  });
});
