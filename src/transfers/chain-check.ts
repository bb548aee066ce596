// Whether a chain of entries is whole: nothing changed, removed, slipped in or moved, and the books in it add up. It takes no store.
import { chained, CHAIN_BEGIN, type Entry, entryText, readEntry } from './entry.js';

/** The first thing that is off. */
export interface LedgerFault {
  /** Where: `transfer 17 (trf_…)`, `account acc_…`. */
  readonly at: string;
  readonly what: string;
}

/** What is kept of a transfer outside of its lines. */
export interface ChainLink {
  readonly entry: string;
  readonly hash: string;
}

export class ChainCheck {
  private before = CHAIN_BEGIN;
  private count = 0n;
  private lineCount = 0n;
  /** By account, in minor units. */
  private readonly ledgers = new Map<string, bigint>();

  get hash(): string {
    return this.before;
  }

  get transfers(): bigint {
    return this.count;
  }

  get lines(): bigint {
    return this.lineCount;
  }

  /** What the entries so far leave on an account. */
  ledgerOf(account: string): bigint {
    return this.ledgers.get(account) ?? 0n;
  }

  get accounts(): Iterable<string> {
    return this.ledgers.keys();
  }

  /** Takes the next link. Answers what is off with it, and is then no longer to be used. */
  next({ entry: text, hash }: ChainLink): LedgerFault | undefined {
    const place = this.count + 1n;
    const entry = readable(text);
    if (entry === undefined) return { at: `transfer ${place}`, what: 'its entry cannot be read' };
    const at = `transfer ${place} (${entry.id})`;
    if (entry.seq !== String(place)) return { at, what: `its entry says that it is transfer ${entry.seq}` };
    if (entryText(entry) !== text) return { at, what: 'its entry is not in the form in which entries are sealed' };
    const expected = chained(this.before, text);
    if (hash !== expected) return { at, what: `its hash is ${hash}, and ${expected} by its entry and the hash before` };
    const fault = this.book(entry);
    if (fault !== undefined) return { at, what: fault };
    this.before = hash;
    this.count = place;
    return undefined;
  }

  private book({ lines }: Entry): string | undefined {
    const sums = new Map<string, bigint>();
    for (const { account, currency, amount, balance } of lines) {
      const ledger = this.ledgerOf(account) + BigInt(amount);
      if (BigInt(balance) !== ledger)
        return `the balance of ${account} after it is ${balance}, and ${ledger} by its lines`;
      this.ledgers.set(account, ledger);
      sums.set(currency, (sums.get(currency) ?? 0n) + BigInt(amount));
    }
    this.lineCount += BigInt(lines.length);
    const off = [...sums].find(([, sum]) => sum !== 0n);
    return off === undefined ? undefined : `its lines in ${off[0]} sum to ${off[1]}`;
  }
}

/** Undefined also where a line says no whole minor units: whoever forged that would stop the check, and not be named. */
function readable(text: string): Entry | undefined {
  try {
    const entry = readEntry(text);
    return entry.lines.every(({ amount, balance }) => isMinorUnits(amount) && isMinorUnits(balance))
      ? entry
      : undefined;
  } catch {
    return undefined;
  }
}

function isMinorUnits(value: unknown): boolean {
  return typeof value === 'string' && /^-?\d+$/.test(value);
}
