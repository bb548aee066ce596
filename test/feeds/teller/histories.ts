// Histories as data: what happens at a bank, to the people who follow it and to the processes that do it for them. Numbers that name a thing are
// counted round and round, so that a history from which steps were taken out still means something.
import fc from 'fast-check';
import { LEASE_MS } from '../../../src/feeds/turns/sync-due.js';
import { type DisconnectReason, DISCONNECT_REASONS } from './fake-teller/bank.js';
import { MERCHANTS } from '../histories.js';

/** How a line looks; `back` is how many days it is dated back. */
export interface Shown {
  /** In the bank's own sign. */
  readonly amount: string;
  readonly merchant: number;
  readonly back: number;
}

export type AccountDeed =
  /** `odd`: of a status that nobody knows. */
  | { readonly bank: 'post' | 'hold'; readonly account: number; readonly as: Shown; readonly odd?: boolean }
  | { readonly bank: 'close' | 'reopen'; readonly account: number };

export type BankDeed =
  | AccountDeed
  | { readonly bank: 'settle'; readonly line: number; readonly newId: boolean; readonly as: Shown | null }
  | { readonly bank: 'change'; readonly line: number; readonly as: Shown }
  | { readonly bank: 'withdraw'; readonly line: number }
  | { readonly bank: 'disconnect'; readonly reason: DisconnectReason; readonly stillListed: boolean }
  | { readonly bank: 'repair' };

/** Between Teller and whoever asks it next: `briefly` is over when it is asked again. */
const FAULTS = ['limits', 'limits briefly', 'unavailable', 'unavailable briefly', 'cuts', 'resets'] as const;
export type FaultWord = (typeof FAULTS)[number];

const WEBHOOKS = ['good', 'again', 'forged', 'late'] as const;

/** What a process does over some time. `stranger`: somebody else consents to the same accounts. */
const ACTS = ['sync', 'tick', 'refresh', 'enroll', 'stranger', 'leave', 'webhook'] as const;

export interface Act {
  readonly act: (typeof ACTS)[number];
  /** Which process, where there are two. */
  readonly at: number;
  /** Which enrollment or account. */
  readonly nth: number;
  /** Of a webhook. */
  readonly webhook?: (typeof WEBHOOKS)[number];
  readonly meanwhile: readonly Meanwhile[];
}

/** At one of an act's steps: its questions to the bank and its transactions, counted from 1. `within` a transaction is right before its commit. */
interface Meanwhile {
  readonly step: number;
  readonly point: 'before' | 'within' | 'after';
  readonly happens: 'dies' | { readonly fault: FaultWord } | readonly Deed[];
}

export type Deed =
  | BankDeed
  | { readonly waitMs: number }
  | { readonly note: number; readonly at: number }
  | { readonly act: 'race'; readonly acts: readonly Act[] }
  | Act;

/** Between deeds it may be looked whether what is announced is there. */
type Step = Deed | { readonly look: number };

export interface History {
  readonly accounts: readonly { readonly type: 'depository' | 'credit'; readonly opening: readonly Shown[] }[];
  /** How many lines come in a page at most. */
  readonly pageMax: number;
  readonly steps: readonly Step[];
}

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;
/** In this time everything is due once. */
export const ROUND_MS = 25 * HOUR_MS;

const nth = fc.nat({ max: 9 });
const at = fc.nat({ max: 1 });
/** Few merchants, few amounts, few days: false friends are the rule here. */
const shownBack = (max: number): fc.Arbitrary<Shown> =>
  fc.record({
    amount: fc.constantFrom('-2.90', '-4.50', '-5.00', '4.50'),
    merchant: fc.nat({ max: MERCHANTS.length - 1 }),
    back: fc.integer({ min: max > 5 ? 0 : -1, max }),
  });
const shown = shownBack(5);

export const bankDeed: fc.Arbitrary<BankDeed> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({ bank: fc.constant('post' as const), account: nth, as: shown }),
  },
  {
    weight: 5,
    arbitrary: fc.record({ bank: fc.constant('hold' as const), account: nth, as: shown, odd: fc.boolean() }),
  },
  {
    weight: 5,
    arbitrary: fc.record({
      bank: fc.constant('settle' as const),
      line: nth,
      newId: fc.boolean(),
      as: fc.option(shown),
    }),
  },
  { weight: 2, arbitrary: fc.record({ bank: fc.constant('change' as const), line: nth, as: shown }) },
  { weight: 4, arbitrary: fc.record({ bank: fc.constant('withdraw' as const), line: nth }) },
  { weight: 1, arbitrary: fc.record({ bank: fc.constantFrom('close' as const, 'reopen' as const), account: nth }) },
  {
    weight: 1,
    arbitrary: fc.record({
      bank: fc.constant('disconnect' as const),
      reason: fc.constantFrom(...DISCONNECT_REASONS),
      stillListed: fc.boolean(),
    }),
  },
  { weight: 1, arbitrary: fc.record({ bank: fc.constant('repair' as const) }) },
);

const wait = fc.record({
  waitMs: fc.constantFrom(1_000, LEASE_MS, 10 * MINUTE_MS, 9 * HOUR_MS, DAY_MS, 3 * DAY_MS, 12 * DAY_MS),
});
const note = fc.record({ note: nth, at });

function actOf(meanwhile: fc.Arbitrary<readonly Meanwhile[]>): fc.Arbitrary<Act> {
  return fc.record({
    act: fc.oneof(
      { weight: 6, arbitrary: fc.constantFrom('sync' as const, 'tick' as const) },
      { weight: 2, arbitrary: fc.constantFrom('refresh' as const, 'enroll' as const, 'webhook' as const) },
      { weight: 1, arbitrary: fc.constantFrom('stranger' as const, 'leave' as const) },
    ),
    at,
    nth,
    webhook: fc.constantFrom('good' as const, 'good' as const, ...WEBHOOKS),
    meanwhile,
  });
}

function meanwhileOf(deeds: fc.Arbitrary<readonly Deed[]>): fc.Arbitrary<Meanwhile> {
  return fc.record({
    step: fc.integer({ min: 1, max: 14 }),
    point: fc.constantFrom('before' as const, 'within' as const, 'after' as const),
    happens: fc.oneof(
      { weight: 4, arbitrary: fc.constant('dies' as const) },
      { weight: 2, arbitrary: fc.record({ fault: fc.constantFrom(...FAULTS) }) },
      { weight: 5, arbitrary: deeds },
    ),
  });
}

/** While another act is under way: in its time a turn may have been taken over, by a process that dies in its turn. */
const simpleAct = actOf(
  fc.oneof(
    { weight: 5, arbitrary: fc.constant([]) },
    { weight: 1, arbitrary: fc.array(meanwhileOf(fc.constant([])), { maxLength: 1 }) },
  ),
);
const innerDeed: fc.Arbitrary<Deed> = fc.oneof(
  { weight: 8, arbitrary: bankDeed },
  { weight: 3, arbitrary: fc.oneof(wait, fc.constant({ waitMs: LEASE_MS })) },
  { weight: 1, arbitrary: note },
  { weight: 5, arbitrary: simpleAct },
);
const innerDeeds = fc.oneof(
  fc.array(innerDeed, { minLength: 1, maxLength: 3 }),
  // Somebody whose turn has run out, and somebody else who takes it: what the first one read is old.
  fc
    .tuple(fc.array(bankDeed, { maxLength: 2 }), simpleAct)
    .map(([deeds, act]): Deed[] => [...deeds, { waitMs: LEASE_MS }, act]),
  // What is announced to somebody who has read already.
  bankDeed.chain((deed) =>
    fc.record({ at, nth }).map((rest): Deed[] => [deed, { act: 'webhook', webhook: 'good', meanwhile: [], ...rest }]),
  ),
);
const busyAct = actOf(fc.array(meanwhileOf(innerDeeds), { maxLength: 4 }));

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 9, arbitrary: bankDeed },
  { weight: 4, arbitrary: wait },
  { weight: 9, arbitrary: busyAct },
  { weight: 2, arbitrary: note },
  {
    weight: 1,
    arbitrary: fc.record({
      act: fc.constant('race' as const),
      acts: fc.array(actOf(fc.constant([])), { minLength: 2, maxLength: 3 }),
    }),
  },
  { weight: 2, arbitrary: fc.record({ look: at }) },
);

export const history: fc.Arbitrary<History> = fc.record({
  accounts: fc.array(
    fc.record({
      type: fc.constantFrom('depository' as const, 'credit' as const),
      opening: fc.array(shownBack(30), { maxLength: 5 }),
    }),
    { minLength: 1, maxLength: 3 },
  ),
  pageMax: fc.constantFrom(2, 3, 250),
  steps: fc.array(step, { minLength: 4, maxLength: 22, size: 'max' }),
});

/** Every history begins so: one in which nobody consents says little. */
export const BEGINNING: Act = { act: 'enroll', at: 0, nth: 0, meanwhile: [] };

export function picked<T>(from: readonly T[], which: number): T | undefined {
  return from[which % Math.max(from.length, 1)];
}
