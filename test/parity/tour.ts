// One program, made by hand, on which every operation succeeds at least once and most refusals come up.
import { MONEY_TOUR } from './money-tour.js';
import { type Call, type Caller, type Json, type Ref, type RefKind, type Step } from './program.js';

const DAY_MS = 86_400_000;

const newest = (ref: RefKind): Ref => ({ ref, nth: 0 });
const before = (ref: RefKind, nth: number): Ref => ({ ref, nth });

function call(op: string, part: Omit<Call, 'op' | 'as'> = {}, as: Caller = 'admin'): Call {
  return { op, as, ...part };
}

function post(op: string, body: Json, as: Caller = 'admin'): Call {
  return call(op, { body }, as);
}

function line(account: Ref, date: string, amount: string, more: { readonly [name: string]: Json } = {}): Call {
  return post('Transactions_create', { accountId: account, date, amount, description: 'Groceries', ...more });
}

const manual = newest('manual');

export const TOUR: readonly Step[] = [
  ...[
    'Health_livez',
    'Health_readyz',
    'Health_healthReport',
    'Health_readinessReport',
    'Enrollments_feeds',
    'TellerConfig_show',
    'ApiKeys_list',
  ].map((op) => call(op)),
  ...[1, 2].map(() =>
    call('TellerWebhooks_receive', { body: { type: 'webhook.test', payload: { İ: '😀' } }, signed: true }, 'nobody'),
  ),
  call('TellerWebhooks_receive', { body: { type: 'webhook.test' } }, 'nobody'),
  post('Accounts_open', {
    kind: 'manual',
    name: 'İstanbul 😀',
    currency: 'KWD',
    owner: 'ada',
    institution: { id: 'É', name: 'Éire' },
    lastFour: '4711',
  }),
  post('Accounts_open', { kind: 'book', name: 'Treasury', currency: 'XGM', overdraftLimit: '100000000000.0000' }),
  post('Accounts_open', { kind: 'manual', name: 'Cash', currency: 'USD' }),
  call('Accounts_list', { query: [['limit', '1']], follow: 5 }),
  call('Accounts_get', { id: manual }),
  call('Accounts_edit', { id: manual, body: { name: 'Purse' } }),
  // Lines whose sums pass 2^63, on days at both ends of the calendar.
  ...['0001-01-01', '2024-02-29', '9999-12-31'].map((date) =>
    line(manual, date, '10000000000000', { category: 'food', counterparty: 'ΣΊΣΥΦΟΣ', externalId: date }),
  ),
  line(manual, '2026-11-01', '-0.01', { category: null, notes: 'straße', status: 'pending' }),
  line(manual, '2026-11-01', '10000000000000.01'),
  line(manual, '2024-02-29', '1', { externalId: '2024-02-29' }),
  line(newest('book'), '2024-02-29', '1'),
  post('Transactions_createMany', {
    mode: 'independent',
    transactions: {
      times: 1_000,
      of: { accountId: manual, date: '2026-11-02', amount: '9999999999999.99', description: 'row #', externalId: '#' },
    },
  }),
  post('Transactions_createMany', {
    mode: 'atomic',
    transactions: [
      { accountId: manual, date: '2026-11-02', amount: '1', description: 'a', externalId: '7' },
      { accountId: 'x' },
    ],
  }),
  call('Transactions_list', {
    query: [
      ['limit', '300'],
      ['order', 'asc'],
    ],
    follow: 5,
  }),
  call('Transactions_list', { query: [['text', 'STRASSE']] }),
  call('Transactions_list', {
    query: [
      ['counterparty', 'σίσυφοσ'],
      ['cursor', newest('cursor')],
    ],
  }),
  call('Transactions_listOfAccount', {
    id: manual,
    query: [
      ['maxAmount', '0'],
      ['from', '2026-01-01'],
    ],
  }),
  ...['category', 'month', 'category,month'].map((groupBy) =>
    call('Transactions_totals', { query: [['groupBy', groupBy]] }),
  ),
  call('Transactions_get', { id: newest('line') }),
  call('Transactions_edit', { id: newest('line'), body: { amount: '3.5', category: 'Food', notes: '' } }),
  call('Transactions_delete', { id: newest('line') }),
  call('Transactions_delete', { id: newest('line') }),
  post('Transactions_deleteMany', { mode: 'independent', ids: [before('line', 3), before('line', 3), newest('fact')] }),
  post('Transactions_deleteMany', { mode: 'atomic', ids: [before('line', 3), before('line', 4)] }),
  call('Balances_state', {
    id: manual,
    body: { available: '1', ledger: '-10000000000000', asOf: '0001-01-01T00:00:00Z' },
  }),
  call('Balances_state', { id: manual, body: { ledger: '2.50', asOf: '1883-11-18T12:00:00.1239+05:30' } }),
  call('Balances_state', { id: manual, body: { ledger: '3' } }),
  call('Balances_state', { id: manual, body: { ledger: '4' } }),
  call('Balances_history', { id: manual, query: [['limit', '1']], follow: 4 }),
  call('Balances_of', { id: manual }),
  call('Balances_of', { id: manual, query: [['at', '1900-01-01T00:00:00Z']] }),
  call('Drift_of', { id: manual }),
  call('Balances_latest'),
  call('Balances_latest', {
    query: [
      ['at', '9999-12-31T23:59:59.999Z'],
      ['limit', '1'],
    ],
    follow: 3,
  }),
  ...MONEY_TOUR,
  call('Accounts_edit', { id: manual, body: { owner: 'bob' } }),
  call('Transactions_totals', {}, 'bob:write'),
  call('Balances_history', { id: manual }, 'bob:write'),
  call('Accounts_close', { id: manual }, 'bob:write'),
  line(manual, '2026-11-03', '1'),
  ...['harbor_bank', 'tidewater', 'old_mill'].flatMap((institutionId) => [
    post('Enrollments_enroll', { feed: 'sandbox', institutionId, owner: 'ada' }),
    call('Sync_get', { id: newest('enrollment') }),
    call('Sync_sync', { id: newest('enrollment') }, 'ada:write'),
    call('Sync_sync', { id: newest('enrollment') }),
    call('Sync_get', { id: newest('enrollment') }, 'ada:read'),
    call('Refresh_account', { id: newest('linked'), query: [['limit', '2']] }),
  ]),
  ...[1, 2, 2].flatMap((days): Step[] => [
    { waitMs: days * DAY_MS },
    ...[0, 1, 2].map((nth) => call('Sync_sync', { id: before('enrollment', nth) })),
    call('Transactions_list', {
      query: [
        ['status', 'pending'],
        ['limit', '500'],
      ],
    }),
    call('Transactions_list', {
      query: [
        ['status', 'removed'],
        ['limit', '500'],
      ],
    }),
    call('Balances_latest', {}, 'ada:read'),
  ]),
  ...[0, 1, 2, 3].map((nth) => call('Drift_of', { id: before('linked', nth) })),
  call('Transactions_edit', { id: newest('fact'), body: { category: 'mine', notes: 'why' } }),
  call('Transactions_edit', { id: newest('fact'), body: { amount: '1' } }),
  call('Transactions_totals', { query: [['groupBy', 'category,month']] }, 'ada:read'),
  call('Enrollments_list', { query: [['limit', '1']], follow: 3 }),
  call('Enrollments_get', { id: newest('enrollment') }),
  call('Enrollments_disconnect', { id: before('enrollment', 1) }),
  call('Sync_sync', { id: before('enrollment', 1) }),
  call('Accounts_close', { id: newest('linked') }),
  post('ApiKeys_create', { name: 'x', scope: 'write', owner: 'ada', expiresAt: '2026-11-30T00:00:00Z' }),
  call('Accounts_list', {}, 'made'),
  { waitMs: 5 * DAY_MS },
  call('Accounts_list', {}, 'made'),
  post('ApiKeys_create', { name: 'y', scope: 'read' }),
  call('Accounts_list', {}, 'made'),
  call('ApiKeys_get', { id: newest('apiKey') }),
  call('ApiKeys_revoke', { id: newest('apiKey') }),
  call('ApiKeys_revoke', { id: newest('apiKey') }),
  call('Accounts_list', {}, 'made'),
  call('ApiKeys_list'),
  call('ApiKeys_list', {}, 'ada:admin'),
  ...[1, 2].map(() =>
    call('Accounts_open', { body: { kind: 'manual', name: 'Once', currency: 'EUR' }, once: 'a-client-made-key' }),
  ),
  call('Accounts_open', { body: { kind: 'manual', name: 'Twice', currency: 'EUR' }, once: 'a-client-made-key' }),
  ...[1, 2].map(() => call('ApiKeys_create', { body: { name: 'z', scope: 'read' }, once: 'another' })),
  ...['"1"', '"1"', '*', 'W/"2"', 'x'].map((ifMatch, index) =>
    call('Accounts_edit', { id: manual, body: { name: `Name ${index}` }, ifMatch }),
  ),
  call('History_changes', { query: [['limit', '400']], follow: 20 }),
  call('History_changes', { query: [['object', 'account']], follow: 2 }, 'ada:read'),
  call('History_changes', { follow: 3 }, 'bob:write'),
  call('History_audit', { query: [['limit', '400']], follow: 20 }),
  call('History_audit', { query: [['objectId', manual]] }),
  call('History_audit', { query: [['object', 'apiKey']] }, 'ada:admin'),
  call('History_audit', {}, 'ada:write'),
];
