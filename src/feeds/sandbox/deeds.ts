// What the sandbox's people do with their money in a month. All of it is settled when it happens, also what becomes of it later.
import { Dice } from './dice.js';
import { type Merchant, type Market, price } from './markets.js';
import { DAY_MS, HOUR_MS, type Month, daysIn, startOf } from './months.js';

/** One real movement of money on one account, from its first appearance to its end. Amounts in minor units, money in > 0. */
export interface Deed {
  readonly month: Month;
  /** Its number within the month; with the account and the month its identity. */
  readonly index: number;
  /** When it appears, epoch ms. */
  readonly happensAt: number;
  /** When it stops being pending; equal to `happensAt` for what is posted at once. Less than a month later. */
  readonly settlesAt: number;
  readonly shown: bigint;
  /** The posted amount; null: it never posts but vanishes at `settlesAt`. */
  readonly settled: bigint | null;
  /** It posts under a new id. */
  readonly isReissued: boolean;
  readonly description: string;
  readonly postedDescription: string;
  readonly counterparty: string | null;
  readonly category: string | null;
  readonly type: string;
}

/** Who does it. `key` makes the chances of one account independent of all others. */
export interface Actor {
  readonly key: string;
  readonly market: Market;
  /** The same household's accounts at the same bank. */
  readonly has: { readonly card: boolean; readonly savings: boolean };
}

/** Everybody's habits, in US cents. */
const SAVED_MONTHLY = 30_000;
const FARE = 290;
const FUEL_HOLD = 10_000;

/** What is carried to savings on the 2nd of each month. */
export function savedMonthly(market: Market): bigint {
  return price(market, SAVED_MONTHLY);
}

/** What happens on the current account, except the card's bill and the sweep at the month's end. */
export function checkingDeeds(actor: Actor, month: Month): readonly Deed[] {
  const diary = new Diary(actor, month);
  const { market } = actor;
  const habits = new Dice(`${actor.key} habits`);
  const salary = habits.int(240_000, 320_000);
  const rent = habits.int(135_000, 170_000);
  for (const day of [1, 15]) diary.post(day, market.employer, salary, 'ach');
  if (actor.has.savings) {
    diary.post(
      2,
      { description: 'TRANSFER TO SAVINGS', name: 'Savings', category: 'general' },
      -SAVED_MONTHLY,
      'transfer',
    );
  }
  diary.post(3, market.landlord, -rent, 'ach');
  market.bills.forEach((bill, i) => diary.post(8 + 3 * i, bill, -diary.dice.int(3_500, 14_000), 'ach'));
  for (let i = diary.dice.int(7, 11); i > 0; i -= 1) diary.buy(market.groceries, 1_800, 14_500);
  diary.commute(diary.dice.int(6, 12));
  if (diary.dice.chance(70)) diary.post(diary.dice.int(6, 26), CASH, -diary.dice.int(2, 8) * 2_000, 'atm');
  if (diary.dice.chance(15)) diary.post(diary.dice.int(9, 27), FEE, -diary.dice.pick([300, 1_200, 3_500]), 'fee');
  if (!actor.has.card) spend(diary, market, 60);
  return diary.deeds;
}

/** What is charged to the card; what pays it belongs to the books. */
export function cardDeeds(actor: Actor, month: Month): readonly Deed[] {
  const diary = new Diary(actor, month);
  spend(diary, actor.market, 100);
  return diary.deeds;
}

const CASH: Merchant = { description: 'ATM WITHDRAWAL', name: 'Cash', category: 'general' };
const FEE: Merchant = { description: 'SERVICE CHARGE', name: 'Bank', category: 'general' };

/** Going out, shopping, fuel and subscriptions; `share` per cent of a big spender's. */
function spend(diary: Diary, market: Market, share: number): void {
  market.subscriptions.forEach((merchant, i) => diary.hold(4 + 7 * i, merchant, -(799 + 500 * i)));
  for (let i = Math.floor((diary.dice.int(14, 22) * share) / 100); i > 0; i -= 1) diary.dine();
  for (let i = Math.floor((diary.dice.int(4, 8) * share) / 100); i > 0; i -= 1) diary.buy(market.shops, 900, 16_000);
  for (let i = diary.dice.int(1, 3); i > 0; i -= 1) diary.refuel();
  if (diary.dice.chance(35)) diary.refund();
}

/** Writes one account's month down; the order of the calls is the order of the chances. */
class Diary {
  readonly deeds: Deed[] = [];
  readonly dice: Dice;
  private readonly market: Market;

  constructor(
    actor: Actor,
    private readonly month: Month,
  ) {
    this.market = actor.market;
    this.dice = new Dice(`${actor.key} month ${month}`);
  }

  /** Posted at once, early in the day. */
  post(day: number, merchant: Merchant, cents: number, type: string): void {
    const at = this.moment(day, 5, 7);
    this.write(merchant, { type, happensAt: at, settlesAt: at, shown: this.minor(cents), settled: this.minor(cents) });
  }

  buy(places: readonly Merchant[], low: number, high: number): void {
    this.hold(this.anyDay(), this.dice.pick(places), -this.dice.int(low, high));
  }

  /** Two equal fares on one day, there and back. */
  commute(days: number): void {
    for (let i = 0; i < days; i += 1) {
      const day = this.anyDay();
      this.hold(day, this.market.transit, -FARE);
      this.hold(day, this.market.transit, -FARE);
    }
  }

  /** Held for the bill; a tip may be added when it posts. */
  dine(): void {
    const bill = this.dice.int(420, 8_500);
    const tip = this.dice.chance(25) ? Math.floor((bill * this.dice.int(12, 22)) / 100) : 0;
    this.hold(this.anyDay(), this.dice.pick(this.market.dining), -bill, -(bill + tip));
  }

  /** Held for a round sum before the pump runs. */
  refuel(): void {
    this.hold(this.anyDay(), this.market.fuel, -FUEL_HOLD, -this.dice.int(2_400, 7_900));
  }

  /** A shop gives back what it took some days before. */
  refund(): void {
    const shop = this.dice.pick(this.market.shops);
    const cents = this.dice.int(1_500, 6_000);
    const day = this.dice.int(2, 18);
    this.hold(day, shop, -cents);
    this.hold(
      day + this.dice.int(3, 8),
      { ...shop, description: `${shop.description} REFUND`, posted: undefined },
      cents,
    );
  }

  /** A card payment: pending for hours or days, then posted, in one case in five with a twist. Amounts in US cents. */
  hold(day: number, merchant: Merchant, shownCents: number, settledCents = shownCents): void {
    const happensAt = this.moment(day, 8, 21);
    const fate = this.dice.int(1, 200);
    const vanishes = fate <= 8;
    // Some failed payments hang for weeks before the bank takes them off.
    const days = fate <= 2 ? this.dice.int(14, 21) : this.dice.pick([0, 1, 2, 2, 3, 3, 4, 5]);
    const settlesAt = days === 0 ? happensAt + HOUR_MS : this.morningAfter(happensAt, days);
    this.write(merchant, {
      type: 'card_payment',
      happensAt,
      settlesAt,
      shown: this.minor(shownCents),
      settled: vanishes ? null : this.minor(settledCents),
      isReissued: !vanishes && fate <= (shownCents === settledCents ? 24 : 80),
    });
  }

  private write(
    merchant: Merchant,
    deed: Pick<Deed, 'type' | 'happensAt' | 'settlesAt' | 'shown' | 'settled'> & { readonly isReissued?: boolean },
  ): void {
    this.deeds.push({
      month: this.month,
      index: this.deeds.length,
      isReissued: false,
      description: merchant.description,
      postedDescription: merchant.posted ?? merchant.description,
      counterparty: merchant.name,
      category: merchant.category,
      ...deed,
    });
  }

  private anyDay(): number {
    return this.dice.int(1, daysIn(this.month));
  }

  private minor(cents: number): bigint {
    return cents < 0 ? -price(this.market, -cents) : price(this.market, cents);
  }

  private moment(day: number, fromHour: number, toHour: number): number {
    return startOf(this.month) + (day - 1) * DAY_MS + this.dice.int(fromHour * HOUR_MS, toHour * HOUR_MS);
  }

  private morningAfter(happensAt: number, days: number): number {
    return Math.floor(happensAt / DAY_MS + days) * DAY_MS + this.dice.int(4 * HOUR_MS, 7 * HOUR_MS);
  }
}
