// Every route that changes something, as data: what must be there before it, and one request that comes through.
import { FakeFeed, fakeAccount, fakeLine } from '../feeds/fake-feed.js';
import { enroll, sync } from '../feeds/linking.js';
import { type Post, POSTS } from '../changes/posts.js';
import { bodyOf, keepLine, openAccount, stateBalance } from '../support/builders.js';
import { type TestApp } from '../support/test-app.js';

export interface Deed extends Post {
  readonly method: 'POST' | 'PATCH' | 'DELETE';
}

const posts = Object.entries(POSTS).map(
  ([name, prepare]) => [name, async (app: TestApp) => ({ ...(await prepare(app)), method: 'POST' as const })] as const,
);

/** By method and path. The app knows the feed `fake`. */
export const DEEDS: Readonly<Record<string, (app: TestApp) => Promise<Deed>>> = {
  ...Object.fromEntries(posts),
  'PATCH /v1/accounts/{id}': async (app) => {
    const account = await openAccount(app, { owner: 'ann' });
    await keepLine(app, account);
    await stateBalance(app, account, { ledger: '5' });
    return { method: 'PATCH', url: `/v1/accounts/${account.id}`, body: { name: 'Other', owner: 'bob' } };
  },
  'PATCH /v1/transactions/{id}': async (app) => {
    const { id } = await keepLine(app, await openAccount(app));
    return { method: 'PATCH', url: `/v1/transactions/${id}`, body: { amount: '-7', category: 'dining', notes: null } };
  },
  'DELETE /v1/transactions/{id}': async (app) => {
    const { id } = await keepLine(app, await openAccount(app));
    return { method: 'DELETE', url: `/v1/transactions/${id}` };
  },
  'DELETE /v1/enrollments/{id}': async (app) => {
    const enrollment = await enroll(app, { feed: 'fake' });
    await sync(app, enrollment);
    return { method: 'DELETE', url: `/v1/enrollments/${enrollment.id}` };
  },
  'DELETE /v1/keys/{id}': async (app) => {
    const { id } = await bodyOf(app.post('/v1/keys', { name: 'to go', scope: 'read' }));
    return { method: 'DELETE', url: `/v1/keys/${id}` };
  },
};

/** Stands in everything that the bank says in its own words, and may stand nowhere else. */
export const RAW = 'in-the-words-of-the-bank';

/** A bank whose lines change with every look. */
export function changingFeed(): FakeFeed {
  const feed = new FakeFeed();
  const raw = JSON.stringify({ raw: RAW });
  let looks = 0;
  const lines = () => {
    looks += 1;
    return ['l1', 'l2', 'l3']
      .filter((_, index) => (looks >> index) % 2 === 0)
      .map((id) => fakeLine(id, { raw: `{"raw":"${RAW}","id":"${id}"}` }));
  };
  const account = fakeAccount('a', lines, { raw });
  feed.accountsListed = [{ ...account, balance: { ...account.balance, raw } }];
  return feed;
}
