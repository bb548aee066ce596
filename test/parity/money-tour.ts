// The part of the tour on which money is moved: every way of it, most of its refusals, and everything that tells of it.
import { type Call, type Caller, type Json, type Ref, type Step } from './program.js';

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;

const payer: Ref = { ref: 'book', nth: 1 };
const payee: Ref = { ref: 'book', nth: 0 };
const transfer: Ref = { ref: 'transfer', nth: 0 };
const hold: Ref = { ref: 'hold', nth: 0 };
const PAIR = { from: payer, to: payee, amount: '12.34' };
const OWN_ID = `trf_${'d'.repeat(32)}`;

function call(op: string, part: Omit<Call, 'op' | 'as'> = {}, as: Caller = 'admin'): Call {
  return { op, as, ...part };
}

function post(op: string, body: Json, as: Caller = 'admin'): Call {
  return call(op, { body }, as);
}

function about(op: string, id: Ref, body: Json = {}): Call {
  return call(op, { id, body });
}

const BOOKS: readonly Step[] = [
  post('Accounts_open', { kind: 'book', name: 'Straße', currency: 'USD', owner: 'ada', overdraftLimit: '5000' }),
  post('Accounts_open', { kind: 'book', name: 'Purse', currency: 'USD', owner: 'ada' }),
  call('Accounts_list', { query: [['accountNumber', { ref: 'number', nth: 0 }]] }),
];

const REFUSED: readonly Json[] = [
  { ...PAIR, to: payer },
  { ...PAIR, from: 'NC-ZZZZ-ZZZZ' },
  { ...PAIR, from: { ref: 'manual', nth: 0 } as const },
  { ...PAIR, currency: 'EUR' },
  { ...PAIR, amount: '0.001' },
  { ...PAIR, amount: '-1' },
  { ...PAIR, amount: '6000' },
  { ...PAIR, from: { ref: 'book', nth: 2 } as const, amount: '1' },
  {
    legs: [
      { account: payer, amount: '-3' },
      { account: payee, amount: '2' },
    ],
  },
];

const TRANSFERS: readonly Step[] = [
  post('Transfers_create', { ...PAIR, memo: 'a, "b"\r\nİ😀', metadata: { '😀': 'b', '\uFFFF': 'a', b: '2', a: '1' } }),
  ...[1, 2].map(() => post('Transfers_create', { ...PAIR, id: OWN_ID }, 'ada:write')),
  post('Transfers_create', { ...PAIR, id: OWN_ID, amount: '1' }),
  ...[1, 2].map(() => call('Transfers_create', { body: PAIR, once: 'a-transfer' })),
  post('Transfers_create', { ...PAIR, dryRun: true }),
  { waitMs: 1 },
  post('Transfers_create', {
    legs: [
      { account: payer, amount: '-3' },
      { account: { ref: 'number', nth: 0 }, amount: '2.5' },
      { account: payee, amount: '0.5' },
    ],
  }),
  ...REFUSED.map((body) => post('Transfers_create', body)),
  post('Transfers_create', PAIR, 'bob:write'),
  ...['independent', 'atomic'].map((mode) =>
    post('Transfers_createMany', { mode, transfers: [PAIR, { ...PAIR, amount: '999999' }, { from: 'x' }] }),
  ),
  post('Transfers_createMany', {
    mode: 'atomic',
    transfers: { times: 300, of: { ...PAIR, amount: '0.01', memo: 'row #' } },
  }),
  about('Transfers_reverse', transfer, { memo: 'not this' }),
  about('Transfers_reverse', { ref: 'transfer', nth: 1 }),
  about('Transfers_reverse', { ref: 'transfer', nth: 1 }),
  about('Transfers_reverse', transfer),
  call('Transfers_get', { id: transfer }),
  call('Transfers_get', { id: transfer }, 'bob:write'),
  call('Transfers_list', { query: [['limit', '150']], follow: 3 }, 'ada:read'),
  call('Transfers_list', {
    query: [
      ['order', 'asc'],
      ['accountId', payee],
    ],
  }),
];

const HOLDS: readonly Step[] = [
  post('Holds_reserve', { ...PAIR, metadata: { a: '1' }, expiresAt: '9999-12-31T23:59:59.999Z' }),
  about('Holds_capture', hold, { amount: '12.35' }),
  about('Holds_capture', hold, { amount: '2', dryRun: true }),
  about('Holds_capture', hold, { amount: '2.34' }),
  about('Holds_capture', hold),
  post('Holds_reserve', PAIR),
  about('Holds_release', hold),
  about('Holds_release', hold),
  post('Holds_reserve', { ...PAIR, expiresAt: '2026-11-21T12:00:30Z' }),
  post('Holds_reserve', { ...PAIR, amount: '5000' }),
  { waitMs: MINUTE_MS },
  call('Holds_get', { id: hold }),
  call('Holds_list', { query: [['limit', '1']], follow: 3 }),
  call('Holds_list', { query: [['status', 'expired']] }, 'ada:read'),
];

const TOLD: readonly Step[] = [
  { waitMs: DAY_MS },
  post('Transfers_create', PAIR),
  ...[payer, payee].flatMap((id) => [
    call('Accounts_get', { id }),
    call('Statements_of', { id, query: [['limit', '100']], follow: 5 }),
    call('Statements_of', {
      id,
      query: [
        ['limit', '2'],
        ['format', 'csv'],
      ],
    }),
    call('Statements_of', {
      id,
      query: [
        ['from', '2026-11-22'],
        ['format', 'csv'],
      ],
    }),
    call('Statements_of', {
      id,
      query: [
        ['from', '2024-02-29'],
        ['to', '2024-02-29'],
      ],
    }),
    ...['2026-11-21T12:00:00Z', '2026-11-21T12:00:00.001Z', '2026-11-21T12:00:30Z', '1900-01-01T00:00:00Z'].map((at) =>
      call('Balances_of', { id, query: [['at', at]] }),
    ),
  ]),
  call('Statements_of', { id: { ref: 'manual', nth: 0 } }),
  call('TrialBalance_of'),
  call('TrialBalance_of', {}, 'ada:read'),
  call('Accounts_close', { id: payee }),
  call(
    'History_changes',
    {
      query: [
        ['object', 'transfer'],
        ['limit', '400'],
      ],
    },
    'ada:read',
  ),
  call('History_changes', { query: [['object', 'hold']] }),
];

export const MONEY_TOUR: readonly Step[] = [...BOOKS, ...TRANSFERS, ...HOLDS, ...TOLD];
