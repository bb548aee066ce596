// An account at the fake bank: its books, and how it misbehaves when told to.
import { formatAmount, parseAmount } from '../../../../src/common/amount.js';
import { Currencies } from '../../../../src/common/currency.js';
import { nextId } from './ids.js';
import { type BankLine, type LineFacts, inOrder } from './line.js';
import { type WireFields } from './wire.js';

export interface BankInstitution {
  readonly id: string;
  readonly name: string;
}

export interface AccountFacts {
  readonly id?: string;
  readonly name?: string;
  readonly type?: 'depository' | 'credit';
  readonly subtype?: string;
  readonly currency?: string;
  readonly lastFour?: string;
  readonly institution?: BankInstitution;
  /** What stood in the ledger before the first line; what was owed on a credit account. */
  readonly opening?: string;
  /** Of a credit account. */
  readonly limit?: string;
  /** Laid over the account's own object on the wire. */
  readonly wire?: WireFields;
}

export interface LineQuery {
  readonly fromId?: string | undefined;
  readonly start?: string | undefined;
  readonly end?: string | undefined;
  readonly count?: number | undefined;
}

/** Of all lines as they stand; forgotten when one changes. */
interface Sums {
  /** What stood in the ledger after each posted line. */
  readonly after: ReadonlyMap<BankLine, bigint>;
  readonly ledger: bigint;
  readonly pending: bigint;
}

const currencies = new Currencies();

export class BankAccount {
  readonly id: string;
  name: string;
  readonly type: 'depository' | 'credit';
  readonly subtype: string;
  readonly currency: string;
  readonly lastFour: string;
  readonly institution: BankInstitution;
  status: 'open' | 'closed' = 'open';
  /** What comes after `account.closed` in the code of the refusal. */
  closedFor: string | null = null;
  wire: WireFields;
  wireBalance: WireFields = {};
  private readonly exponent: number;
  private readonly opening: bigint;
  private readonly limit: bigint;
  /** Oldest first. */
  private lines: BankLine[] = [];
  private readonly byId = new Map<string, BankLine>();
  private sums: Sums | undefined;
  private count = 0;

  constructor(
    facts: AccountFacts,
    institution: BankInstitution,
    private readonly today: () => string,
  ) {
    this.id = facts.id ?? nextId('acc');
    this.type = facts.type ?? 'depository';
    this.subtype = facts.subtype ?? (this.type === 'credit' ? 'credit_card' : 'checking');
    this.name = facts.name ?? (this.type === 'credit' ? 'Platinum Card' : 'Essential Checking');
    this.currency = facts.currency ?? 'USD';
    this.lastFour = facts.lastFour ?? '7857';
    this.institution = facts.institution ?? institution;
    this.wire = facts.wire ?? {};
    this.exponent = currencies.exponentOf(currencies.parse(this.currency));
    this.opening = parseAmount(facts.opening ?? '0', this.exponent);
    this.limit = parseAmount(facts.limit ?? '10000', this.exponent);
  }

  /** A line that is final. */
  post(facts: LineFacts): BankLine {
    return this.add(this.made(facts, 'posted'));
  }

  /** A line that may still change or vanish: it hangs until it is settled or withdrawn, which may be never. */
  hold(facts: LineFacts): BankLine {
    return this.add(this.made(facts, 'pending'));
  }

  /** A pending line posts, changed as is said; with `newId` it comes back as another one. */
  settle(line: BankLine, over: Partial<LineFacts> & { readonly newId?: boolean } = {}): BankLine {
    const { newId = false, ...facts } = over;
    this.remove(line);
    return this.add({ ...line, status: 'posted', ...facts, id: newId ? nextId('txn') : (facts.id ?? line.id) });
  }

  /** The bank says something else about a line now. */
  change(line: BankLine, over: Partial<LineFacts>): BankLine {
    this.remove(line);
    return this.add({ ...line, ...over });
  }

  /** The bank takes a line back: posted by mistake, or a pending one that failed. */
  withdraw(line: BankLine): void {
    this.remove(line);
  }

  /** Posted lines in bulk, for big histories. @param lineOf called with 0, 1 … */
  fill(count: number, lineOf: (index: number) => LineFacts): void {
    for (let i = 0; i < count; i += 1) {
      const line = this.made(lineOf(i), 'posted');
      this.byId.set(line.id, line);
      this.lines.push(line);
    }
    this.lines.sort(inOrder);
    this.sums = undefined;
  }

  /** From now on the account answers 410, and is listed as closed. */
  close(reason: string | null = null): void {
    this.status = 'closed';
    this.closedFor = reason;
  }

  reopen(): void {
    this.status = 'open';
    this.closedFor = null;
  }

  /** Newest first. */
  list(): BankLine[] {
    return this.lines.toReversed();
  }

  find(id: string): BankLine | undefined {
    return this.byId.get(id);
  }

  /** Newest first, as the query wants them; null when the line to go on from is not there. */
  page({ fromId, start, end, count }: LineQuery): BankLine[] | null {
    let at = this.lines.length;
    if (fromId !== undefined) {
      const from = this.byId.get(fromId);
      if (from === undefined) return null;
      at = this.placeOf(from);
    }
    const found: BankLine[] = [];
    for (at -= 1; at >= 0 && found.length < (count ?? Number.POSITIVE_INFINITY); at -= 1) {
      const line = this.lines[at]!;
      if (start !== undefined && line.date < start) break;
      if (end === undefined || line.date <= end) found.push(line);
    }
    return found;
  }

  /** Of a posted line. Null on a pending one. */
  runningBalance(line: BankLine): string | null {
    const balance = this.summed().after.get(line);
    return balance === undefined ? null : formatAmount(balance, this.exponent);
  }

  /** As it follows from the lines; `wireBalance` says something else where it must. */
  balances(): { readonly ledger: string; readonly available: string } {
    const { ledger, pending } = this.summed();
    const available = this.type === 'credit' ? this.limit - ledger - pending : ledger + pending;
    return { ledger: formatAmount(ledger, this.exponent), available: formatAmount(available, this.exponent) };
  }

  private made(facts: LineFacts, status: BankLine['status']): BankLine {
    this.count += 1;
    return {
      id: facts.id ?? nextId('txn'),
      status,
      date: facts.date ?? this.today(),
      amount: facts.amount,
      description: facts.description ?? 'Corner Coffee',
      type: facts.type ?? 'card_payment',
      category: facts.category ?? null,
      counterparty: facts.counterparty ?? null,
      wire: facts.wire ?? {},
      number: this.count,
    };
  }

  private add(line: BankLine): BankLine {
    if (this.byId.has(line.id)) throw new Error(`The bank has the line ${line.id} already.`);
    this.byId.set(line.id, line);
    this.lines.splice(this.placeOf(line), 0, line);
    this.sums = undefined;
    return line;
  }

  private remove(line: BankLine): void {
    const there = this.byId.get(line.id);
    if (there === undefined) throw new Error(`The bank has no line ${line.id}.`);
    this.lines.splice(this.placeOf(there), 1);
    this.byId.delete(line.id);
    this.sums = undefined;
  }

  /** Where it stands, or would. */
  private placeOf(line: BankLine): number {
    let [low, high] = [0, this.lines.length];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (inOrder(this.lines[middle]!, line) < 0) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  private summed(): Sums {
    if (this.sums !== undefined) return this.sums;
    const after = new Map<BankLine, bigint>();
    let [ledger, pending] = [this.opening, 0n];
    for (const line of this.lines) {
      const minor = parseAmount(line.amount, this.exponent);
      if (line.status === 'pending') pending += minor;
      else after.set(line, (ledger += minor));
    }
    this.sums = { after, ledger, pending };
    return this.sums;
  }
}
