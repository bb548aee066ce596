// Random programs about money. Numbers stand for one of what there is by then: accounts, holds, transfers, keys, ids.
import fc from 'fast-check';

export type Step =
  | {
      readonly is: 'request';
      readonly make: Make;
      readonly by: number;
      readonly once: number | undefined;
      readonly dryRun: boolean;
    }
  | { readonly is: 'resend'; readonly of: number }
  | { readonly is: 'wait'; readonly ms: number }
  | { readonly is: 'edit'; readonly account: number; readonly to: 'closed' | 'open' | bigint };

type Make =
  | { readonly do: 'transfer'; readonly row: Row }
  | { readonly do: 'bulk'; readonly mode: 'atomic' | 'independent'; readonly rows: readonly Row[] }
  | { readonly do: 'hold'; readonly pair: Pair; readonly lasts: number | undefined }
  | { readonly do: 'capture'; readonly hold: number; readonly amount: string | undefined }
  | { readonly do: 'release'; readonly hold: number }
  | { readonly do: 'reverse'; readonly transfer: number };

export type Pair = {
  readonly id: number | undefined;
  readonly from: number;
  readonly to: number;
  readonly amount: string;
  readonly memo: string | undefined;
  readonly currency: string | undefined;
  readonly byNumber: boolean;
};
export type Row =
  | Pair
  | {
      readonly id: number | undefined;
      readonly legs: readonly { readonly account: number; readonly amount: string }[];
    };

export const HOLD_MS = 1_000;

const seldom = <T>(value: T) => ({ weight: 1, arbitrary: fc.constant(value) });
/** Mostly accounts that one currency and somebody's money are on. */
const place = fc.oneof(
  { weight: 16, arbitrary: fc.integer({ min: 2, max: 5 }) },
  { weight: 3, arbitrary: fc.constant(0) },
  { weight: 2, arbitrary: fc.constantFrom(1, 6, 7) },
  { weight: 1, arbitrary: fc.constantFrom(8, 9) },
);
const money = fc.oneof(
  { weight: 12, arbitrary: fc.constantFrom('1.00', '2.50', '3', '5.00', '7', '0.01', '10.00') },
  { weight: 1, arbitrary: fc.constantFrom('0', '-1.00', '0.001', '10000000000000.00', '99999999999999') },
);
const id = fc.option(fc.nat(3), { nil: undefined, freq: 2 });
const pair: fc.Arbitrary<Pair> = fc.record({
  id,
  from: place,
  to: place,
  amount: money,
  memo: fc.constantFrom(undefined, undefined, 'memo'),
  currency: fc.oneof({ weight: 14, arbitrary: fc.constant(undefined) }, seldom('USD'), seldom('XGC')),
  byNumber: fc.boolean(),
});
/** Mostly balanced: the last leg is what the others lack. */
const legs = fc
  .tuple(
    fc.array(fc.record({ account: place, amount: fc.integer({ min: -6, max: 6 }) }), { minLength: 1, maxLength: 3 }),
    place,
    fc.integer({ min: 0, max: 9 }),
  )
  .map(([some, last, off]) => {
    const sum = some.reduce((total, { amount }) => total + amount, 0);
    return [...some, { account: last, amount: off === 0 ? 1 : -sum }].map(({ account, amount }) => ({
      account,
      amount: String(amount),
    }));
  });
const row: fc.Arbitrary<Row> = fc.oneof(
  { weight: 3, arbitrary: pair },
  { weight: 1, arbitrary: fc.record({ id, legs }) },
);

const make: fc.Arbitrary<Make> = fc.oneof(
  { weight: 6, arbitrary: fc.record({ do: fc.constant('transfer' as const), row }) },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant('bulk' as const),
      mode: fc.constantFrom('atomic' as const, 'independent' as const),
      rows: fc.array(row, { minLength: 1, maxLength: 4 }),
    }),
  },
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constant('hold' as const),
      pair,
      lasts: fc.constantFrom(undefined, undefined, 1, 1, 2, 2, 0),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constant('capture' as const),
      hold: fc.nat(5),
      amount: fc.oneof(fc.constantFrom(undefined, '0.50', '1'), money),
    }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('release' as const), hold: fc.nat(5) }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('reverse' as const), transfer: fc.nat(9) }) },
);

const request = fc.record({
  is: fc.constant('request' as const),
  make,
  by: fc.nat(7),
  once: fc.option(fc.nat(2), { nil: undefined, freq: 2 }),
  dryRun: fc.nat(7).map((nth) => nth === 0),
});

export const programs: fc.Arbitrary<Step[]> = fc.array(
  fc.oneof(
    { weight: 14, arbitrary: request },
    { weight: 3, arbitrary: fc.record({ is: fc.constant('resend' as const), of: fc.nat(20) }) },
    {
      weight: 2,
      arbitrary: fc.record({ is: fc.constant('wait' as const), ms: fc.constantFrom(HOLD_MS - 1, 1, HOLD_MS) }),
    },
    {
      weight: 1,
      arbitrary: fc.record({
        is: fc.constant('edit' as const),
        account: fc.integer({ min: 2, max: 7 }),
        to: fc.constantFrom('closed' as const, 'open' as const, 0n, 300n, 500n),
      }),
    },
  ),
  { minLength: 5, maxLength: 20 },
);
