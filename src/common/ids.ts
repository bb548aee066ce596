// Ids: text, made here and never by a database, a prefix for the noun and a UUIDv7 so that they sort by time.
import { randomBytes } from 'node:crypto';
import { Clock } from './clock.js';
import { ValueInvalid } from './domain-error.js';

declare const idBrand: unique symbol;
export type Id<Noun extends string> = string & { readonly [idBrand]: Noun };

export type AccountId = Id<'account'>;
export type BalanceId = Id<'balance'>;
export type TransactionId = Id<'transaction'>;
export type EnrollmentId = Id<'enrollment'>;
export type ApiKeyId = Id<'apiKey'>;
export type ChangeId = Id<'change'>;
export type TransferId = Id<'transfer'>;
export type HoldId = Id<'hold'>;

/** Every noun that has ids, and its prefix. */
export const ID_PREFIXES = {
  account: 'acc',
  balance: 'bal',
  transaction: 'txn',
  enrollment: 'enr',
  apiKey: 'key',
  change: 'chg',
  transfer: 'trf',
  hold: 'hld',
} as const;

export type IdNoun = keyof typeof ID_PREFIXES;

const UUID_HEX = /^[0-9a-f]{32}$/;

/** @throws ValueInvalid unless it is the noun's prefix, `_` and 32 hexadecimal digits. */
export function parseId<Noun extends IdNoun>(noun: Noun, text: string): Id<Noun> {
  const prefix = ID_PREFIXES[noun];
  if (!text.startsWith(`${prefix}_`) || !UUID_HEX.test(text.slice(prefix.length + 1))) {
    throw new ValueInvalid(`must be an id like "${prefix}_0192f0c1…" (32 hexadecimal digits)`);
  }
  return text as Id<Noun>;
}

/** Makes ids. Injected: the same source in the same order makes the same ids on every store. */
export abstract class IdSource {
  abstract next<Noun extends IdNoun>(noun: Noun): Id<Noun>;

  /** What is made from now on sorts after `id`, which another source may have made by a clock that is ahead. */
  abstract passOver(id: Id<IdNoun>): void;
}

/** UUIDv7 (RFC 9562, 6.2 method 1): 48 bits of milliseconds, a 12-bit counter within the millisecond, 62 random bits. */
export class UuidV7Source extends IdSource {
  private lastMs = 0;
  private time = '';
  private counter = 0;
  /** Random digits that were not used yet. */
  private pool = '';
  private used = 0;

  constructor(private readonly clock: Clock) {
    super();
  }

  override next<Noun extends IdNoun>(noun: Noun): Id<Noun> {
    const now = this.clock.epochMs();
    if (now > this.lastMs) this.moveTo(now, 0);
    // More than 4,096 in one millisecond, or a clock set back: borrow from the next millisecond and stay in order.
    else if (++this.counter > 0xfff) this.moveTo(this.lastMs + 1, 0);
    const counter = (0x7000 | this.counter).toString(16);
    return `${ID_PREFIXES[noun]}_${this.time}${counter}${this.random()}` as Id<Noun>;
  }

  override passOver(id: Id<IdNoun>): void {
    const hex = id.slice(id.indexOf('_') + 1);
    const ms = Number.parseInt(hex.slice(0, 12), 16);
    const counter = Number.parseInt(hex.slice(13, 16), 16);
    if (ms < this.lastMs || (ms === this.lastMs && counter < this.counter)) return;
    this.moveTo(ms, counter);
  }

  private moveTo(ms: number, counter: number): void {
    this.lastMs = ms;
    this.time = ms.toString(16).padStart(12, '0');
    this.counter = counter;
  }

  /** 16 hexadecimal digits, of which the first bears the variant: two bits of it are `10`. */
  private random(): string {
    if (this.used >= this.pool.length) {
      this.pool = randomBytes(POOL_BYTES).toString('hex');
      this.used = 0;
    }
    const digits = this.pool.slice(this.used, (this.used += 16));
    return VARIANTS[Number.parseInt(digits[0]!, 16) & 3]! + digits.slice(1);
  }
}

const POOL_BYTES = 4_096;
const VARIANTS = '89ab';
