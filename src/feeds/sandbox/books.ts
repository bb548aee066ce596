// The sandbox bank's books of one household: what is listed on an account at a moment, and what its balance is then.
// Every month stands for itself: its opening balance follows from the rules below, not from the lines before it, so a page costs only its own months.
import { Dice } from './dice.js';
import { type Actor, type Deed, cardDeeds, checkingDeeds, savedMonthly } from './deeds.js';
import { type SandboxAccountKind } from './institutions.js';
import { price } from './markets.js';
import { DAY_MS, HOUR_MS, isDecember, type Month, monthOf, startOf } from './months.js';

/** A line as it stands on the account at some moment. Amounts in minor units, money in > 0. */
export interface Entry {
  readonly deed: Deed;
  readonly status: 'pending' | 'posted';
  /** When it came to stand where it stands, epoch ms; the list's order. */
  readonly at: number;
  readonly amount: bigint;
  /** After this line; null while pending. */
  readonly runningBalance: bigint | null;
}

interface Settled {
  readonly deed: Deed;
  readonly amount: bigint;
  readonly balance: bigint;
}

/** One account's books, whose entries depend only on its actor and the moment asked about; months are remembered once worked out. */
export abstract class Books {
  private readonly deedsByMonth = new Map<Month, readonly Deed[]>();
  private readonly settledByMonth = new Map<Month, readonly Settled[]>();

  constructor(protected readonly actor: Actor) {}

  /** What stands in one month at moment `now`, newest first. */
  entries(month: Month, now: number): readonly Entry[] {
    const posted = this.settledIn(month)
      .filter(({ deed }) => deed.settlesAt <= now)
      .map(({ deed, amount, balance }): Entry => {
        return { deed, status: 'posted', at: deed.settlesAt, amount, runningBalance: balance };
      });
    return [...posted, ...this.pendingOf(month, now)].sort(newestFirst);
  }

  /** `ledger`: what is posted. `held`: what pending lines take away, <= 0. */
  standing(now: number): { readonly ledger: bigint; readonly held: bigint } {
    const month = monthOf(now);
    const last = this.settledIn(month).findLast(({ deed }) => deed.settlesAt <= now);
    const pending = [...this.pendingOf(month, now), ...this.pendingOf(month - 1, now)];
    return {
      ledger: last === undefined ? this.opening(month) : last.balance,
      held: pending.reduce((sum, { amount }) => (amount < 0n ? sum + amount : sum), 0n),
    };
  }

  protected abstract invent(month: Month): readonly Deed[];

  /** The balance at the month's first moment. */
  protected abstract opening(month: Month): bigint;

  /** What makes the month end on the next one's opening, given all other movements that settle in it. */
  protected abstract closing(month: Month, movements: bigint): readonly Deed[];

  /** The sum of what happens by itself and settles in the month. */
  protected movements(month: Month): bigint {
    return this.ownSettled(month).reduce((sum, deed) => sum + (deed.settled ?? 0n), 0n);
  }

  private settledIn(month: Month): readonly Settled[] {
    return remembered(this.settledByMonth, month, () => {
      const deeds = [...this.ownSettled(month), ...this.closing(month, this.movements(month))].sort(
        (a, b) => a.settlesAt - b.settlesAt || a.month - b.month || a.index - b.index,
      );
      let balance = this.opening(month);
      return deeds.map((deed) => {
        const amount = deed.settled ?? 0n;
        balance += amount;
        return { deed, amount, balance };
      });
    });
  }

  private ownSettled(month: Month): readonly Deed[] {
    const [from, to] = [startOf(month), startOf(month + 1)];
    return [...this.deeds(month - 1), ...this.deeds(month)].filter(
      (deed) => deed.settled !== null && deed.settlesAt >= from && deed.settlesAt < to,
    );
  }

  private pendingOf(month: Month, now: number): readonly Entry[] {
    return this.deeds(month)
      .filter((deed) => deed.happensAt <= now && now < deed.settlesAt)
      .map((deed) => ({ deed, status: 'pending', at: deed.happensAt, amount: deed.shown, runningBalance: null }));
  }

  private deeds(month: Month): readonly Deed[] {
    return remembered(this.deedsByMonth, month, () => this.invent(month));
  }
}

/** A charge card, paid in full on the 5th: the month opens with the debt of the month before. */
export class CardBooks extends Books {
  /** What was charged in a month and is paid on the 5th of the next; below zero it is paid out. */
  bill(month: Month): bigint {
    return -this.movements(month);
  }

  get limit(): bigint {
    return price(this.actor.market, 1_000_000);
  }

  protected override invent(month: Month): readonly Deed[] {
    return cardDeeds(this.actor, month);
  }

  protected override opening(month: Month): bigint {
    return this.movements(month - 1);
  }

  protected override closing(month: Month): readonly Deed[] {
    const paid = this.bill(month - 1);
    return paid === 0n ? [] : [posting(month, PAYMENT, 5, paid, 'PAYMENT RECEIVED - THANK YOU', 'payment', null)];
  }
}

/** A current account: what is left over at the month's end goes to a broker, so that each month opens alike. */
export class CheckingBooks extends Books {
  constructor(
    actor: Actor,
    private readonly card: CardBooks | null,
  ) {
    super(actor);
  }

  protected override invent(month: Month): readonly Deed[] {
    return checkingDeeds(this.actor, month);
  }

  protected override opening(): bigint {
    return price(this.actor.market, new Dice(`${this.actor.key} opening`).int(280_000, 360_000));
  }

  protected override closing(month: Month, movements: bigint): readonly Deed[] {
    const bill = this.card === null ? 0n : this.card.bill(month - 1);
    const left = movements - bill;
    const { broker } = this.actor.market;
    return [
      ...(bill === 0n ? [] : [posting(month, PAYMENT, 5, -bill, 'CARD PAYMENT', 'payment', null)]),
      ...(left === 0n ? [] : [posting(month, SWEEP, 'last', -left, `TRANSFER ${broker}`, 'transfer', broker)]),
    ];
  }
}

/** A savings account: a standing order comes in, interest is added monthly, and each December everything above its base goes to a broker. */
export class SavingsBooks extends Books {
  protected override invent(): readonly Deed[] {
    return [];
  }

  protected override opening(month: Month): bigint {
    let balance = this.base();
    for (let passed = month - (month % 12); passed < month; passed += 1) balance += this.gained(balance);
    return balance;
  }

  protected override closing(month: Month): readonly Deed[] {
    const opening = this.opening(month);
    const saved = savedMonthly(this.actor.market);
    const gained = this.gained(opening);
    const { broker } = this.actor.market;
    const above = opening + gained - this.base();
    return [
      posting(month, SAVING, 2, saved, 'TRANSFER FROM CHECKING', 'transfer', null),
      posting(month, INTEREST, 'last', gained - saved, 'INTEREST PAID', 'interest', null, 'income'),
      ...(isDecember(month) ? [posting(month, SWEEP, 'last', -above, `TRANSFER ${broker}`, 'transfer', broker)] : []),
    ];
  }

  private base(): bigint {
    return price(this.actor.market, new Dice(`${this.actor.key} base`).int(600_000, 900_000));
  }

  /** The standing order and 2.4 % a year. */
  private gained(balance: bigint): bigint {
    const saved = savedMonthly(this.actor.market);
    return saved + ((balance + saved) * 24n) / 12_000n;
  }
}

export function booksOf(kind: SandboxAccountKind, actor: Actor, card: CardBooks | null): Books {
  if (kind === 'checking') return new CheckingBooks(actor, card);
  return kind === 'savings' ? new SavingsBooks(actor) : new CardBooks(actor);
}

/** The numbers of what the books themselves add to a month, beyond any that a diary reaches. */
const PAYMENT = 901;
const SAVING = 902;
const INTEREST = 903;
const SWEEP = 904;

function posting(
  month: Month,
  index: number,
  day: number | 'last',
  amount: bigint,
  description: string,
  type: string,
  counterparty: string | null,
  category: string | null = null,
): Deed {
  // On the last day after everything else, in the order of the numbers.
  const at = day === 'last' ? startOf(month + 1) - HOUR_MS + index : startOf(month) + (day - 1) * DAY_MS + 5 * HOUR_MS;
  return {
    month,
    index,
    happensAt: at,
    settlesAt: at,
    shown: amount,
    settled: amount,
    isReissued: false,
    description,
    postedDescription: description,
    counterparty,
    category,
    type,
  };
}

function newestFirst(a: Entry, b: Entry): number {
  return b.at - a.at || b.deed.month - a.deed.month || b.deed.index - a.deed.index;
}

function remembered<Value>(memory: Map<Month, Value>, month: Month, make: () => Value): Value {
  const known = memory.get(month);
  if (known !== undefined) return known;
  const made = make();
  memory.set(month, made);
  return made;
}
