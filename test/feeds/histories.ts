// Generated histories of a bank: real transactions, and what of them is listed on a day. Days are counted from the beginning.
import fc from 'fast-check';
import { type CivilDate, addDays, parseCivilDate } from '../../src/common/civil-date.js';
import { type JudgedLine } from '../../src/feeds/lines/pending-posting.js';

export const START = parseCivilDate('2026-01-30');
export const day = (n: number): CivilDate => addDays(START, n);

export const MERCHANTS = [
  { pending: 'SQ *BLUEBIRD COFFEE', posted: 'BLUEBIRD COFFEE ROASTERS 12' },
  { pending: 'METRO FARE CARD PAYMENT', posted: 'METRO FARE CARD PAYMENT' },
  { pending: 'REDROCK FUEL', posted: 'Redrock  Fuel' },
  { pending: 'CARD PAYMENT 4711', posted: 'CARD PAYMENT 4711' },
] as const;

/** `comes back`: not listed for two days when it should post. `withdrawn`: taken off again three days after it posted. */
const FATES = ['same id', 'new id', 'new id', 'vanishes', 'posted at once', 'withdrawn', 'comes back'] as const;

/** One real transaction. `lasts` is how long it is pending. */
export interface Real {
  readonly merchant: number;
  readonly happens: number;
  readonly lasts: number;
  readonly shown: number;
  readonly settled: number;
  readonly fate: (typeof FATES)[number];
  /** The posted date against the day on which it posts. */
  readonly backdated: number;
}

/** Few merchants, few amounts, few days: false friends are the rule here. */
const real: fc.Arbitrary<Real> = fc
  .record({
    merchant: fc.nat({ max: MERCHANTS.length - 1 }),
    happens: fc.nat({ max: 30 }),
    lasts: fc.oneof(
      { weight: 6, arbitrary: fc.integer({ min: 1, max: 5 }) },
      { weight: 1, arbitrary: fc.integer({ min: 6, max: 25 }) },
    ),
    shown: fc.constantFrom(-290, -450, -500, 450),
    settled: fc.option(fc.constantFrom(-290, -450, -500, -540, 450)),
    fate: fc.constantFrom(...FATES),
    backdated: fc.integer({ min: 0, max: 5 }),
  })
  .map(({ settled, ...it }) => ({ ...it, settled: settled ?? it.shown }));

/** The same purchase up to three times on one day; what becomes of each is its own affair. */
export const twins: fc.Arbitrary<readonly Real[]> = fc
  .tuple(
    real,
    fc.array(fc.record({ fate: fc.constantFrom(...FATES), lasts: fc.integer({ min: 1, max: 4 }) }), { maxLength: 2 }),
  )
  .map(([first, others]) => [first, ...others.map((it) => ({ ...first, ...it }))]);

export interface BankLine extends JudgedLine {
  readonly truth: number;
}

export function listedOn(today: number, reals: readonly Real[]): BankLine[] {
  return reals.flatMap((it, truth): BankLine[] => {
    const { pending, posted } = MERCHANTS[it.merchant]!;
    const settlesOn = it.fate === 'posted at once' ? it.happens : it.happens + it.lasts;
    const at = (
      externalId: string,
      date: number,
      rest: Pick<BankLine, 'description' | 'status'>,
      amount: number,
    ): BankLine[] => [{ externalId, date: day(date), amount: BigInt(amount), truth, ...rest }];
    if (today < it.happens) return [];
    if (today < settlesOn) return at(`t${truth}`, it.happens, { description: pending, status: 'pending' }, it.shown);
    if (it.fate === 'vanishes' || (it.fate === 'withdrawn' && today >= settlesOn + 3)) return [];
    if (it.fate === 'comes back' && today < settlesOn + 2) return [];
    // Never dated before it happened by more than banks do, nor after the day on which it posts.
    const date = Math.max(settlesOn - it.backdated, it.happens - 2);
    const isNew = it.fate === 'new id';
    return at(
      isNew ? `t${truth}r` : `t${truth}`,
      date,
      { description: isNew ? posted : pending, status: 'posted' },
      it.settled,
    );
  });
}
