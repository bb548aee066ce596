// Every route of the document, for every kind of caller, on their own, somebody else's and nobody's object: who gets what is stated as data.
// A new route fails until it has a rule.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { KEY_SCOPES, type KeyScope } from '../../src/auth/principal.js';
import { Database } from '../../src/database/database.js';
import { THE_SERVICE } from '../../src/database/scope.js';
import { bodyOf, expectRefusal, keepLine, lineFor, openAccount, stateBalance, type Json } from '../support/builders.js';
import { eachStore } from '../support/each-store.js';
import { nameOf, pathOf, type Route, routesOf } from '../support/routes.js';
import { type Answer, TestApp } from '../support/test-app.js';

type Noun = 'account' | 'book' | 'transaction' | 'transfer' | 'hold' | 'enrollment' | 'apiKey';

interface Rule {
  /** `signature`: no key, and what it gives to those who do not sign. */
  readonly takes: KeyScope | 'public' | 'signature';
  /** What the id in the path, or in the body, is of. */
  readonly of?: Noun;
  /** Whether keys that are bound to an owner are refused, whatever for. */
  readonly unboundOnly?: true;
  /** That an object is not there is said of the item that names it, in an answer of success. */
  readonly itemwise?: true;
  readonly body?: (id: string) => object;
  /** The status of success. */
  readonly gives: number;
}

const NEW_ACCOUNT = { kind: 'manual', name: 'Cash', currency: 'USD' };
const BANK = { feed: 'sandbox', institutionId: 'pearl_trust' };
let users = 0;
const consent = (): object => ({ ...BANK, consent: { user: `user${++users}` } });

/** By book account: another of the same owner, which money goes to. */
const payees = new Map<string, string>();
const payment = (id: string): object => ({ from: id, to: payees.get(id) ?? `acc_${'e'.repeat(32)}`, amount: '0.01' });

const RULES: Readonly<Record<string, Rule>> = {
  'GET /livez': { takes: 'public', gives: 200 },
  'GET /readyz': { takes: 'public', gives: 200 },
  'GET /health': { takes: 'public', gives: 200 },
  'GET /readiness': { takes: 'public', gives: 200 },

  'POST /v1/keys': { takes: 'admin', unboundOnly: true, body: () => ({ name: 'new', scope: 'read' }), gives: 201 },
  'GET /v1/keys': { takes: 'admin', unboundOnly: true, gives: 200 },
  'GET /v1/keys/{id}': { takes: 'admin', unboundOnly: true, of: 'apiKey', gives: 200 },
  'DELETE /v1/keys/{id}': { takes: 'admin', unboundOnly: true, of: 'apiKey', gives: 200 },

  'GET /v1/changes': { takes: 'read', gives: 200 },
  'GET /v1/audit': { takes: 'admin', gives: 200 },

  'POST /v1/accounts': { takes: 'write', body: () => NEW_ACCOUNT, gives: 201 },
  'GET /v1/accounts': { takes: 'read', gives: 200 },
  'GET /v1/accounts/{id}': { takes: 'read', of: 'account', gives: 200 },
  'PATCH /v1/accounts/{id}': { takes: 'write', of: 'account', body: () => ({ name: 'Renamed' }), gives: 200 },
  'POST /v1/accounts/{id}/close': { takes: 'write', of: 'account', gives: 200 },
  // The accounts here are kept by hand: whoever may ask is told that no bank feeds them.
  'POST /v1/accounts/{id}/refresh': { takes: 'write', of: 'account', gives: 422 },
  'GET /v1/accounts/{id}/balance': { takes: 'read', of: 'account', gives: 200 },
  'GET /v1/accounts/{id}/balances': { takes: 'read', of: 'account', gives: 200 },
  'POST /v1/accounts/{id}/balances': { takes: 'write', of: 'account', body: () => ({ ledger: '1' }), gives: 201 },
  'GET /v1/accounts/{id}/transactions': { takes: 'read', of: 'account', gives: 200 },
  'GET /v1/accounts/{id}/drift': { takes: 'read', of: 'account', gives: 200 },
  'GET /v1/accounts/{id}/statement': { takes: 'read', of: 'book', gives: 200 },

  'GET /v1/balances': { takes: 'read', gives: 200 },

  'POST /v1/transactions': { takes: 'write', of: 'account', body: (id) => lineFor({ id }), gives: 201 },
  'GET /v1/transactions': { takes: 'read', gives: 200 },
  'GET /v1/transactions/totals': { takes: 'read', gives: 200 },
  'GET /v1/transactions/{id}': { takes: 'read', of: 'transaction', gives: 200 },
  'PATCH /v1/transactions/{id}': { takes: 'write', of: 'transaction', body: () => ({ notes: 'x' }), gives: 200 },
  'DELETE /v1/transactions/{id}': { takes: 'write', of: 'transaction', gives: 204 },
  'POST /v1/transactions/bulk': {
    takes: 'write',
    of: 'account',
    itemwise: true,
    body: (id) => ({ mode: 'independent', transactions: [lineFor({ id })] }),
    gives: 200,
  },
  'POST /v1/transactions/bulk-delete': {
    takes: 'write',
    of: 'transaction',
    itemwise: true,
    body: (id) => ({ mode: 'independent', ids: [id] }),
    gives: 200,
  },

  'POST /v1/transfers': { takes: 'write', of: 'book', body: payment, gives: 201 },
  'GET /v1/transfers': { takes: 'read', gives: 200 },
  'GET /v1/transfers/{id}': { takes: 'read', of: 'transfer', gives: 200 },
  'POST /v1/transfers/{id}/reverse': { takes: 'write', of: 'transfer', body: () => ({}), gives: 201 },
  'POST /v1/transfers/bulk': {
    takes: 'write',
    of: 'book',
    itemwise: true,
    body: (id) => ({ mode: 'independent', transfers: [payment(id)] }),
    gives: 200,
  },
  'POST /v1/holds': { takes: 'write', of: 'book', body: payment, gives: 201 },
  'GET /v1/holds': { takes: 'read', gives: 200 },
  'GET /v1/holds/{id}': { takes: 'read', of: 'hold', gives: 200 },
  'POST /v1/holds/{id}/capture': { takes: 'write', of: 'hold', body: () => ({}), gives: 201 },
  'POST /v1/holds/{id}/release': { takes: 'write', of: 'hold', body: () => ({}), gives: 201 },
  'GET /v1/trial-balance': { takes: 'read', unboundOnly: true, gives: 200 },

  // Without Teller configured there is nothing to show, and everybody is told the same.
  'POST /v1/webhooks/teller': { takes: 'signature', body: () => ({ type: 'webhook.test' }), gives: 404 },
  'GET /v1/config/teller': { takes: 'read', gives: 404 },
  'GET /v1/feeds': { takes: 'read', gives: 200 },
  'POST /v1/enrollments': { takes: 'write', body: consent, gives: 201 },
  'GET /v1/enrollments': { takes: 'read', gives: 200 },
  'GET /v1/enrollments/{id}': { takes: 'read', of: 'enrollment', gives: 200 },
  'GET /v1/enrollments/{id}/sync': { takes: 'read', of: 'enrollment', gives: 200 },
  'POST /v1/enrollments/{id}/sync': { takes: 'write', of: 'enrollment', gives: 200 },
  'DELETE /v1/enrollments/{id}': { takes: 'write', of: 'enrollment', gives: 200 },
};

const PREFIX: Readonly<Record<Noun, string>> = {
  account: 'acc',
  book: 'acc',
  transaction: 'txn',
  transfer: 'trf',
  hold: 'hld',
  enrollment: 'enr',
  apiKey: 'key',
};
const NOT_FOUND: Readonly<Record<Noun, string>> = {
  account: 'account_not_found',
  book: 'account_not_found',
  transaction: 'transaction_not_found',
  transfer: 'transfer_not_found',
  hold: 'hold_not_found',
  enrollment: 'enrollment_not_found',
  apiKey: 'api_key_not_found',
};
const OWNERS = ['ann', 'bob'] as const;
type Bound = (typeof OWNERS)[number] | undefined;

/** Somebody who asks. `refusal` is what they are told whatever they ask for. */
interface Caller {
  readonly name: string;
  readonly key: string | undefined;
  readonly refusal?: 'key_missing' | 'key_unknown';
  readonly scope: KeyScope;
  readonly bound: Bound;
}

/** What is asked about: somebody's, or nobody's. */
type Target = (typeof OWNERS)[number] | 'nobody';

function isKeyless(takes: Rule['takes']): takes is 'public' | 'signature' {
  return takes === 'public' || takes === 'signature';
}

/** The refusal that this caller is due, or undefined for success: in the order in which they are tried. */
function dueOf(rule: Rule, caller: Caller, target: Target | undefined): readonly [number, string] | undefined {
  if (isKeyless(rule.takes)) return undefined;
  if (caller.refusal !== undefined) return [401, caller.refusal];
  if (KEY_SCOPES.indexOf(caller.scope) < KEY_SCOPES.indexOf(rule.takes)) return [403, 'scope_insufficient'];
  if (rule.unboundOnly === true && caller.bound !== undefined) return [403, 'owner_forbidden'];
  if (rule.of === undefined || target === undefined) return undefined;
  const isTheirs = rule.of === 'apiKey' || caller.bound === undefined || caller.bound === target;
  if (target !== 'nobody' && isTheirs) return undefined;
  return [404, NOT_FOUND[rule.of]];
}

eachStore((store) => {
  let app: TestApp;
  let routes: Route[];
  let callers: Caller[];
  /** By owner: what may be looked at, and is not changed by anybody who may not. */
  const standing: Record<string, Record<Noun, string>> = {};
  const books: Record<string, string> = {};
  let writes = 0;

  beforeAll(async () => {
    app = await TestApp.start(store);
    routes = await routesOf(app);
    callers = await makeCallers();
    for (const owner of OWNERS) {
      books[owner] = await openBook(owner);
      standing[owner] = {
        account: await makeOne('account', owner),
        book: books[owner],
        transaction: await makeOne('transaction', owner),
        transfer: await makeOne('transfer', owner),
        hold: await makeOne('hold', owner),
        enrollment: await makeOne('enrollment', owner),
        apiKey: await makeOne('apiKey', owner),
      };
    }
    // What the service does by itself meanwhile is nobody's doing.
    app.app.get(Database).observe(async ({ scope }) => void (writes += scope.by === THE_SERVICE ? 0 : 1));
  });
  afterAll(() => app.stop());

  async function makeCallers(): Promise<Caller[]> {
    const made: Caller[] = [
      { name: 'nobody', key: undefined, refusal: 'key_missing', scope: 'admin', bound: undefined },
      { name: 'a key of no form', key: 'pbk_short', refusal: 'key_unknown', scope: 'admin', bound: undefined },
      {
        name: 'an unknown key',
        key: `pbk_${'x'.repeat(43)}`,
        refusal: 'key_unknown',
        scope: 'admin',
        bound: undefined,
      },
    ];
    const revoked = await bodyOf(app.post('/v1/keys', { name: 'revoked', scope: 'admin' }));
    await bodyOf(app.delete(`/v1/keys/${revoked.id}`));
    made.push({ name: 'a revoked key', key: revoked.key, refusal: 'key_unknown', scope: 'admin', bound: undefined });
    const ending = { scope: 'admin', expiresAt: app.clock.now() } as const;
    made.push({
      name: 'an expired key',
      key: await app.keyFor(ending),
      refusal: 'key_unknown',
      scope: 'admin',
      bound: undefined,
    });
    for (const scope of KEY_SCOPES) {
      for (const bound of [...OWNERS, undefined]) {
        const key = await app.keyFor({ scope, ...(bound === undefined ? {} : { owner: bound }) });
        made.push({
          name: `a key to ${scope}, ${bound === undefined ? 'not bound' : `bound to ${bound}`}`,
          key,
          scope,
          bound,
        });
      }
    }
    return made;
  }

  async function makeOne(noun: Noun, owner: string): Promise<string> {
    if (noun === 'apiKey') return (await bodyOf(app.post('/v1/keys', { name: owner, scope: 'read', owner }))).id;
    if (noun === 'enrollment') return (await bodyOf(app.post('/v1/enrollments', { ...consent(), owner }))).id;
    if (noun === 'book') return books[owner]!;
    if (noun === 'transfer') return (await bodyOf(app.post('/v1/transfers', payment(books[owner]!)))).id;
    if (noun === 'hold') return (await bodyOf(app.post('/v1/holds', payment(books[owner]!)))).id;
    const account = await openAccount(app, { owner });
    if (noun === 'transaction') return (await keepLine(app, account, { description: `of ${owner}` })).id;
    await stateBalance(app, account, { ledger: '0', asOf: '2026-11-01T00:00:00Z' });
    return account.id;
  }

  /** One that money can be moved from, and that no success spoils. */
  async function openBook(owner: string): Promise<string> {
    const fields = { kind: 'book', owner, overdraftLimit: '10.00' };
    const [payer, payee] = [await openAccount(app, fields), await openAccount(app, fields)];
    payees.set(payer.id, payee.id);
    return payer.id;
  }

  /** An object that a success may change: a new one each time, where it changes anything. */
  function objectFor(route: Route, noun: Noun, target: Target, willSucceed: boolean): Promise<string> | string {
    if (target === 'nobody') return `${PREFIX[noun]}_${'f'.repeat(32)}`;
    return willSucceed && route.method !== 'GET' ? makeOne(noun, target) : standing[target]![noun];
  }

  async function ask(route: Route, rule: Rule, caller: Caller, id: string): Promise<Answer> {
    const body = rule.body?.(id);
    return app.call(route.method, pathOf(route, id), { key: caller.key, ...(body === undefined ? {} : { body }) });
  }

  it('has a rule for every route of the document, and no other', () => {
    expect(Object.keys(RULES).sort()).toEqual(routes.map(nameOf).sort());
    for (const route of routes) expect(route.guarded, nameOf(route)).toBe(!isKeyless(RULES[nameOf(route)]!.takes));
  });

  describe.each(Object.entries(RULES))('%s', (name, rule) => {
    const targets: readonly (Target | undefined)[] = rule.of === undefined ? [undefined] : [...OWNERS, 'nobody'];

    it('gives each caller what is due and nothing else', async () => {
      const route = routes.find((one) => nameOf(one) === name)!;
      for (const caller of callers) {
        for (const target of targets) {
          const due = dueOf(rule, caller, target);
          const id = rule.of === undefined ? '' : await objectFor(route, rule.of, target!, due === undefined);
          writes = 0;
          const answer = await ask(route, rule, caller, id);
          const what = `${caller.name} asks ${name} of ${target ?? 'all'}: ${answer.text}`;
          if (due === undefined) {
            expect(answer.status, what).toBe(rule.gives);
            continue;
          }
          const [status, code] = due;
          if (rule.itemwise === true && status === 404) {
            expect(answer.body, what).toMatchObject({ succeeded: 0, data: [{ problem: { status, code } }] });
          } else {
            expect(answer.status, what).toBe(status);
            expectRefusal(answer, status, code);
            expect(route.statuses, what).toContain(status);
          }
          expect(writes, `${what}: nothing was written`).toBe(0);
          if (status === 401) expect(answer.headers['www-authenticate']).toMatch(/^Bearer /);
        }
      }
    });
  });

  it("answers somebody else's object as one that nothing has, to the letter", async () => {
    for (const route of routes) {
      const rule = RULES[nameOf(route)]!;
      if (rule.of === undefined || rule.of === 'apiKey') continue;
      for (const caller of callers.filter(({ refusal, bound }) => refusal === undefined && bound === 'bob')) {
        const theirs = standing['ann']![rule.of];
        const nobodys = `${PREFIX[rule.of]}_${'f'.repeat(32)}`;
        const [one, other] = [await ask(route, rule, caller, theirs), await ask(route, rule, caller, nobodys)];
        expect(one.text.replaceAll(theirs, ''), nameOf(route)).toBe(other.text.replaceAll(nobodys, ''));
        expect(one.status).toBe(other.status);
      }
    }
  });

  it("shows a bound key nothing of anybody else's in any list", async () => {
    const lists = routes.filter((route) => route.method === 'GET' && !route.path.includes('{id}') && route.guarded);
    const anns = await everythingOf('ann');
    expect(anns.length).toBeGreaterThan(10);
    for (const route of lists) {
      for (const caller of callers.filter(({ refusal, bound }) => refusal === undefined && bound === 'bob')) {
        const { text } = await app.get(`${route.path}${route.query.includes('limit') ? '?limit=500' : ''}`, {
          key: caller.key,
        });
        for (const id of anns) expect(text.includes(id), `${caller.name}: ${nameOf(route)} shows ${id}`).toBe(false);
      }
    }
  });

  async function everythingOf(owner: string): Promise<string[]> {
    const lists = ['/v1/accounts', '/v1/transactions', '/v1/balances', '/v1/enrollments', '/v1/transfers', '/v1/holds'];
    const pages: Json[] = await Promise.all(lists.map((path) => bodyOf(app.get(`${path}?limit=500&owner=${owner}`))));
    // The balance of a book account is no row of its own.
    return pages.flatMap(({ data }) => data.flatMap(({ id }: { id: string | null }) => id ?? []));
  }
});
