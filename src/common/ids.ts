// Ids: text, made here and never by a database, a prefix for the noun and a UUIDv7 so that they sort by time.
import { randomBytes } from 'node:crypto';
import { Clock, epochMsOf } from './clock.js';
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
  private counter = 0;
  private pool: Buffer = Buffer.alloc(0);
  private used = 0;

  constructor(private readonly clock: Clock) {
    super();
  }

  override next<Noun extends IdNoun>(noun: Noun): Id<Noun> {
    const now = epochMsOf(this.clock.now());
    if (now > this.lastMs) {
      this.lastMs = now;
      this.counter = 0;
    } else if (++this.counter > 0xfff) {
      // More than 4,096 in one millisecond, or a clock set back: borrow from the next millisecond and stay in order.
      this.lastMs += 1;
      this.counter = 0;
    }
    const random = this.random8();
    random[0] = (random[0]! & 0x3f) | 0x80;
    const time = this.lastMs.toString(16).padStart(12, '0');
    const version = (0x7000 | this.counter).toString(16);
    return `${ID_PREFIXES[noun]}_${time}${version}${random.toString('hex')}` as Id<Noun>;
  }

  override passOver(id: Id<IdNoun>): void {
    const hex = id.slice(id.indexOf('_') + 1);
    const ms = Number.parseInt(hex.slice(0, 12), 16);
    const counter = Number.parseInt(hex.slice(13, 16), 16);
    if (ms < this.lastMs || (ms === this.lastMs && counter < this.counter)) return;
    this.lastMs = ms;
    this.counter = counter;
  }

  private random8(): Buffer {
    if (this.used >= this.pool.length) {
      this.pool = randomBytes(4096);
      this.used = 0;
    }
    return this.pool.subarray(this.used, (this.used += 8));
  }
}
