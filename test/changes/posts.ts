// Every POST of the document as data: what must be there before it, what it is sent, and what would be another request.
import { enroll } from '../feeds/linking.js';
import { bodyOf, keepLine, lineFor, openAccount } from '../support/builders.js';
import { type CallOptions, type TestApp } from '../support/test-app.js';

type Body = Readonly<Record<string, unknown>>;

/** One request, ready to be sent as often as one likes. */
export interface Post {
  readonly url: string;
  readonly body?: Body;
  /** Another body, for which the same key does not stand. Left out where the route takes none. */
  readonly other?: Body;
}

/** `options` say by whose key it is prepared: whoever sends it reaches what it is about. */
type Prepare = (app: TestApp, options?: CallOptions) => Promise<Post>;

const account = { kind: 'manual', name: 'Cash', currency: 'USD' };

/** Between two book accounts, of which the one may owe. */
async function moneyToMove(app: TestApp, options?: CallOptions): Promise<Body> {
  const from = await openAccount(app, { kind: 'book', overdraftLimit: '1000' }, options);
  const to = await openAccount(app, { kind: 'book' }, options);
  return { from: from['id'], to: to['id'], amount: '2' };
}

/** By method and path. The app knows the feed `fake`. */
export const POSTS: Readonly<Record<string, Prepare>> = {
  'POST /v1/accounts': async () => ({ url: '/v1/accounts', body: account, other: { ...account, name: 'Other' } }),
  'POST /v1/accounts/{id}/close': async (app, options) => {
    const { id } = await openAccount(app, {}, options);
    return { url: `/v1/accounts/${id}/close` };
  },
  'POST /v1/accounts/{id}/balances': async (app, options) => {
    const { id } = await openAccount(app, {}, options);
    return { url: `/v1/accounts/${id}/balances`, body: { ledger: '10', available: '9' }, other: { ledger: '11' } };
  },
  'POST /v1/transactions': async (app, options) => {
    const body = lineFor(await openAccount(app, {}, options));
    return { url: '/v1/transactions', body, other: { ...body, amount: '-2' } };
  },
  'POST /v1/transactions/bulk': async (app, options) => {
    const opened = await openAccount(app, {}, options);
    const transactions = [lineFor(opened), { ...lineFor(opened), amount: 'no amount' }, lineFor(opened)];
    const body = { mode: 'independent', transactions };
    return { url: '/v1/transactions/bulk', body, other: { ...body, transactions: transactions.slice(1) } };
  },
  'POST /v1/transactions/bulk-delete': async (app, options) => {
    const opened = await openAccount(app, {}, options);
    const ids = [(await keepLine(app, opened, {}, options)).id, (await keepLine(app, opened, {}, options)).id];
    const body = { mode: 'atomic', ids };
    return { url: '/v1/transactions/bulk-delete', body, other: { ...body, ids: ids.slice(1) } };
  },
  'POST /v1/enrollments': async () => {
    const body = { feed: 'fake', consent: { user: 'demo', given: true } };
    return { url: '/v1/enrollments', body, other: { ...body, consent: { user: 'another' } } };
  },
  'POST /v1/enrollments/{id}/sync': async (app, options) => {
    const { id } = await enroll(app, { feed: 'fake' }, options);
    return { url: `/v1/enrollments/${id}/sync` };
  },
  'POST /v1/accounts/{id}/refresh': async (app, options) => {
    const { id, accountIds } = await enroll(app, { feed: 'fake' }, options);
    await bodyOf(app.post(`/v1/enrollments/${id}/sync`, undefined, options));
    return { url: `/v1/accounts/${accountIds[0]}/refresh` };
  },
  'POST /v1/transfers': async (app, options) => {
    const body = await moneyToMove(app, options);
    return { url: '/v1/transfers', body, other: { ...body, amount: '3' } };
  },
  'POST /v1/transfers/bulk': async (app, options) => {
    const transfer = await moneyToMove(app, options);
    const transfers = [transfer, { ...transfer, amount: '5000' }, { ...transfer, amount: '1' }];
    const body = { mode: 'independent', transfers };
    return { url: '/v1/transfers/bulk', body, other: { ...body, transfers: transfers.slice(1) } };
  },
  'POST /v1/transfers/{id}/reverse': async (app, options) => {
    const { id } = await bodyOf(app.post('/v1/transfers', await moneyToMove(app, options), options));
    return { url: `/v1/transfers/${id}/reverse`, body: { memo: 'back' }, other: { memo: 'not so' } };
  },
  'POST /v1/holds': async (app, options) => {
    const body = await moneyToMove(app, options);
    return { url: '/v1/holds', body, other: { ...body, amount: '3' } };
  },
  'POST /v1/holds/{id}/capture': async (app, options) => {
    const { id } = await bodyOf(app.post('/v1/holds', await moneyToMove(app, options), options));
    return { url: `/v1/holds/${id}/capture`, body: { amount: '1' }, other: { amount: '2' } };
  },
  'POST /v1/holds/{id}/release': async (app, options) => {
    const { id } = await bodyOf(app.post('/v1/holds', await moneyToMove(app, options), options));
    return { url: `/v1/holds/${id}/release`, body: {}, other: { dryRun: true } };
  },
  'POST /v1/keys': async () => {
    const body = { name: 'made', scope: 'read' };
    return { url: '/v1/keys', body, other: { ...body, scope: 'write' } };
  },
};

/** Those for everybody who may write: keys are made by admins that are bound to no owner. */
export const POSTS_OF_WRITERS = Object.entries(POSTS).filter(([name]) => name !== 'POST /v1/keys');

let keysMade = 0;

/** An Idempotency-Key that nobody has sent yet. */
export function newOnceKey(): string {
  keysMade += 1;
  return `once-${keysMade}-${process.pid}`;
}

export function withOnceKey(onceKey: string, options: CallOptions = {}): CallOptions {
  return { ...options, headers: { ...options.headers, 'idempotency-key': onceKey } };
}

export function send(app: TestApp, { url, body }: Post, options?: CallOptions) {
  return app.post(url, body, options);
}

/** A deed that must come through, with its key. */
export async function done(app: TestApp, post: Post, onceKey: string, options?: CallOptions) {
  return bodyOf(send(app, post, withOnceKey(onceKey, options)));
}
