// Recomputes everything that the store says of money from the entries alone, and names the first thing that is off.
import { Account } from '../accounts/account.entity.js';
import { civilDateOf } from '../common/clock.js';
import { type Database } from '../database/database.js';
import { ofEveryOwner } from '../database/scope.js';
import { type Reader } from '../database/reader.js';
import { ownerless, sql } from '../database/sql.js';
import { type AccountTransaction } from '../transactions/account-transaction.entity.js';
import { type TransactionsRepository } from '../transactions/transactions.repository.js';
import { ChainCheck, type LedgerFault } from './chain-check.js';
import { CHAIN_BEGIN, type Entry, readEntry } from './entry.js';
import { type Transfer } from './transfer.entity.js';
import { type TransfersRepository } from './transfers.repository.js';

const WHOLE = ofEveryOwner('the whole ledger is verified');
const BATCH = 1_000;

export interface LedgerReport {
  readonly transfers: bigint;
  readonly lines: bigint;
  readonly accounts: number;
  /** Of the last transfer: keep it elsewhere, and nobody can rewrite what is before it unseen. */
  readonly hash: string;
  readonly fault: LedgerFault | undefined;
}

export class LedgerVerification {
  constructor(
    private readonly database: Database,
    private readonly transfers: TransfersRepository,
    private readonly lines: TransactionsRepository,
  ) {}

  /** Over one view of the store: it may be written to meanwhile. @param onProgress told how many transfers are behind it, and of how many */
  async run(onProgress: (done: bigint, of: bigint) => void): Promise<LedgerReport> {
    return this.database.snapshot(WHOLE, async (reader) => {
      const check = new ChainCheck();
      const head = await this.transfers.head(reader);
      const end = head?.seq ?? 0n;
      let fault: LedgerFault | undefined;
      for (let seq = 0n; fault === undefined;) {
        const batch = await this.transfers.list(reader, {}, 'asc', seq, BATCH);
        fault = await this.batchFault(reader, check, batch);
        if (batch.length === 0 || fault !== undefined) break;
        seq = batch.at(-1)!.seq;
        onProgress(seq, end);
      }
      const accounts = fault === undefined ? await this.bookAccounts(reader) : [];
      fault ??=
        headFault(check, head) ??
        (await this.strayLines(reader, check)) ??
        (await this.accountFault(reader, check, accounts));
      return { transfers: check.transfers, lines: check.lines, accounts: accounts.length, hash: check.hash, fault };
    });
  }

  private async batchFault(
    reader: Reader,
    check: ChainCheck,
    batch: readonly Transfer[],
  ): Promise<LedgerFault | undefined> {
    const entries: Entry[] = [];
    for (const transfer of batch) {
      const fault = check.next(transfer) ?? columnsFault(transfer);
      if (fault !== undefined) return fault;
      entries.push(readEntry(transfer.entry));
    }
    const ids = entries.flatMap(({ lines }) => lines.map(({ id }) => id));
    const rows = new Map((await this.lines.findAll(reader, ids)).map((line) => [line.id, line]));
    for (const entry of entries) {
      for (const line of entry.lines) {
        const what = lineFault(entry, line, rows.get(line.id));
        if (what !== undefined) return { at: `line ${line.id} of transfer ${entry.seq} (${entry.id})`, what };
      }
    }
    return undefined;
  }

  private async strayLines(reader: Reader, check: ChainCheck): Promise<LedgerFault | undefined> {
    const [found] = await reader.query(
      sql`SELECT COUNT(*) FROM transactions t JOIN accounts a ON a.id = t.account_id WHERE ${ownerless('of all accounts')} AND (t.source = 'transfer' OR t.transfer_id IS NOT NULL OR a.kind = 'book')`,
      { count: 'number' },
    );
    const { count } = found!;
    if (BigInt(count) === check.lines) return undefined;
    return {
      at: 'the lines',
      what: `${count} of them stand on book accounts or say that a transfer made them, and the entries name ${check.lines}`,
    };
  }

  private bookAccounts(reader: Reader): Promise<Account[]> {
    return reader.select(Account, 'a', sql`WHERE ${ownerless('of all owners')} AND a.kind = 'book' ORDER BY a.id`);
  }

  private async accountFault(
    reader: Reader,
    check: ChainCheck,
    accounts: readonly Account[],
  ): Promise<LedgerFault | undefined> {
    const held = new Map(
      (
        await reader.query(
          sql`SELECT h.account_id, ${reader.words.sum('h.amount')} FROM holds h WHERE ${ownerless('of all owners')} AND h.status = 'active' GROUP BY h.account_id`,
          { accountId: 'text', held: 'sum' },
        )
      ).map((row) => [row.accountId, row.held]),
    );
    const known = new Set<string>(accounts.map(({ id }) => id));
    const missing = [...check.accounts].find((id) => !known.has(id));
    if (missing !== undefined)
      return { at: `account ${missing}`, what: 'entries move money on it, and it is not there' };
    for (const account of accounts) {
      const what = standingFault(account, check.ledgerOf(account.id), held.get(account.id) ?? 0n);
      if (what !== undefined) return { at: `account ${account.id}`, what };
    }
    return undefined;
  }
}

function headFault(check: ChainCheck, head: { seq: bigint; hash: string } | undefined): LedgerFault | undefined {
  const { seq, hash } = head ?? { seq: 0n, hash: CHAIN_BEGIN };
  if (seq === check.transfers && hash === check.hash) return undefined;
  return {
    at: 'the end of the chain',
    what: `it is said to be transfer ${seq} with ${hash}, and is ${check.transfers} with ${check.hash}`,
  };
}

function columnsFault({
  id,
  seq,
  at,
  kind,
  reverses,
  actor,
  requestId,
  entry: text,
}: Transfer): LedgerFault | undefined {
  const entry = readEntry(text);
  const pairs: [string, unknown, unknown][] = [
    ['id', id, entry.id],
    ['place', String(seq), entry.seq],
    ['moment', at, entry.at],
    ['kind', kind, entry.kind],
    ['reversed transfer', reverses, entry.reverses],
    ['actor', actor, entry.actor],
    ['request', requestId, entry.request],
  ];
  const off = pairs.find(([, row, sealed]) => row !== sealed);
  if (off === undefined) return undefined;
  return {
    at: `transfer ${entry.seq} (${entry.id})`,
    what: `its ${off[0]} is ${String(off[1])}, and ${String(off[2])} by its entry`,
  };
}

function lineFault(
  entry: Entry,
  line: Entry['lines'][number],
  row: AccountTransaction | undefined,
): string | undefined {
  if (row === undefined) return 'it is not there';
  const pairs: [string, unknown, unknown][] = [
    ['account', row.accountId, line.account],
    ['amount', String(row.amount), line.amount],
    ['currency', row.currency, line.currency],
    ['balance', String(row.runningBalance), line.balance],
    ['transfer', row.transferId, entry.id],
    ['day', row.date, civilDateOf(entry.at)],
    ['moment', row.createdAt, entry.at],
    ['description', row.description, entry.memo ?? entry.kind],
    ['kind', row.type, entry.kind],
    ['status', row.status, 'posted'],
    ['source', row.source, 'transfer'],
  ];
  const off = pairs.find(([, there, sealed]) => there !== sealed);
  return off === undefined ? undefined : `its ${off[0]} is ${String(off[1])}, and ${String(off[2])} by the entry`;
}

function standingFault(
  { ledger, held, systemRole, overdraftLimit }: Account,
  byLines: bigint,
  byHolds: bigint,
): string | undefined {
  if (ledger !== byLines) return `its ledger is ${ledger} minor units, and ${byLines} by its lines`;
  if (held !== byHolds) return `${held} minor units are held on it, and ${byHolds} by its holds`;
  if (systemRole === null && ledger - held + overdraftLimit < 0n) return 'it is below its overdraft limit';
  return undefined;
}
