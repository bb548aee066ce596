// What must be true of a store's books at any moment, computed from its rows past the program: from the chain to every balance.
import { createHash } from 'node:crypto';
import { type Settings } from '../../src/config/settings.js';
import { Look } from '../crash/look.js';
import { type Json } from '../support/builders.js';

type Row = Readonly<Record<string, unknown>>;
export type Tables = ReadonlyMap<string, readonly Row[]>;

export interface Books {
  readonly tables: Tables;
  /** In the order of the chain. */
  readonly entries: readonly Json[];
  readonly faults: readonly string[];
}

const LIMIT = 10n ** 15n;

export async function audit(settings: Settings): Promise<Books> {
  const look = await Look.at(settings);
  try {
    return auditOf(tablesIn(await look.everything()));
  } finally {
    await look.close();
  }
}

function tablesIn(text: string): Tables {
  const tables = new Map<string, Row[]>();
  let rows: Row[] = [];
  for (const line of text.split('\n')) {
    if (line.startsWith('{')) rows.push(JSON.parse(line) as Row);
    else tables.set(line, (rows = []));
  }
  return tables;
}

function auditOf(tables: Tables): Books {
  const faults: string[] = [];
  const rows = [...tables.get('transfers')!].sort((a, b) => Number(a['seq']) - Number(b['seq']));
  const entries = rows.map(({ entry }) => JSON.parse(String(entry)) as Json);
  faults.push(...chainFaults(rows, entries, tables.get('chain_heads')!));
  faults.push(...lineFaults(entries, tables.get('transactions')!));
  faults.push(...balanceFaults(entries, tables));
  faults.push(...holdFaults(entries, tables));
  faults.push(...reversalFaults(entries));
  return { tables, entries, faults };
}

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

/** Places without a gap, hashes that follow from each other, columns that say what the entry says, and a head that is the end. */
function chainFaults(rows: readonly Row[], entries: readonly Json[], heads: readonly Row[]): string[] {
  const faults: string[] = [];
  let hash = '0'.repeat(64);
  let at = '';
  for (const [index, row] of rows.entries()) {
    const entry = entries[index];
    const of = `transfer ${String(row['id'])}`;
    hash = sha256(`${hash}\n${String(row['entry'])}`);
    if (row['hash'] !== hash) faults.push(`${of}: its hash does not follow`);
    if (String(row['seq']) !== String(index + 1) || entry.seq !== String(index + 1)) faults.push(`${of}: its place`);
    if (entry.id !== row['id'] || entry.kind !== row['kind'] || entry.reverses !== row['reverses'])
      faults.push(`${of}: its columns say something else than its entry`);
    if (entry.at < at) faults.push(`${of}: is before the one before it`);
    at = entry.at as string;
  }
  const [head] = heads;
  const isEnd =
    head === undefined ? rows.length === 0 : String(head['seq']) === String(rows.length) && head['hash'] === hash;
  if (!isEnd) faults.push(`the head is not the end: ${JSON.stringify(head)}`);
  return faults;
}

/** Every line of an entry is there just so, and no other line says that it belongs to a transfer. */
function lineFaults(entries: readonly Json[], transactions: readonly Row[]): string[] {
  const said = entries.flatMap(({ id, lines }) =>
    lines.map((line: Json) => [line.id, id, line.account, line.currency, line.amount, line.balance].join()),
  );
  const there = transactions
    .filter((row) => row['transfer_id'] !== null)
    .map((row) =>
      ['id', 'transfer_id', 'account_id', 'currency', 'amount', 'running_balance']
        .map((name) => String(row[name]))
        .join(),
    );
  const [lines, rows] = [new Set(said), new Set(there)];
  const missing = said.filter((line) => !rows.has(line));
  const stray = there.filter((line) => !lines.has(line));
  if (lines.size !== said.length) missing.push('an id stands twice');
  return [...missing.map((line) => `no line ${line}`), ...stray.map((line) => `a line of no entry: ${line}`)];
}

/** Balances rebuilt from the chain alone: each line's, each account's, each currency's sum; nobody was past a limit at any place. */
function balanceFaults(entries: readonly Json[], tables: Tables): string[] {
  const faults: string[] = [];
  const accounts = new Map(tables.get('accounts')!.map((row) => [row['id'] as string, row]));
  const ledgers = new Map<string, bigint>();
  for (const { id, lines } of entries) {
    const sums = new Map<string, bigint>();
    const before = new Map(ledgers);
    for (const { account, amount, balance, currency } of lines as Json[]) {
      const ledger = (ledgers.get(account) ?? 0n) + BigInt(amount);
      ledgers.set(account, ledger);
      sums.set(currency, (sums.get(currency) ?? 0n) + BigInt(amount));
      if (ledger !== BigInt(balance)) faults.push(`${id}: ${account} holds ${ledger}, not ${balance}`);
      if (ledger > LIMIT || ledger < -LIMIT) faults.push(`${id}: ${account} is past all amounts`);
      if (accounts.get(account)?.['currency'] !== currency) faults.push(`${id}: the currency of ${account}`);
    }
    for (const [currency, sum] of sums) if (sum !== 0n) faults.push(`${id}: ${sum} ${currency} from nowhere`);
    for (const { account } of lines as Json[]) {
      const { system_role: role, overdraft_limit: limit, version } = accounts.get(account) ?? {};
      // An account that was edited may have had another limit then.
      const isPast = version === 1 && role === null && ledgers.get(account)! < -BigInt(String(limit));
      if (isPast && ledgers.get(account)! < (before.get(account) ?? 0n))
        faults.push(`${id}: ${account} is past its limit`);
    }
  }
  for (const [id, row] of accounts) {
    const ledger = ledgers.get(id) ?? 0n;
    if (BigInt(String(row['ledger'])) !== ledger)
      faults.push(`${id}: its row says ${String(row['ledger'])}, its lines ${ledger}`);
    const available = ledger - BigInt(String(row['held']));
    if (row['system_role'] === null && available < -BigInt(String(row['overdraft_limit'])))
      faults.push(`${id}: overdrawn`);
  }
  return faults;
}

/** What accounts hold is what active holds say; each captured one became one transfer over just that, and no other did. */
function holdFaults(entries: readonly Json[], tables: Tables): string[] {
  const faults: string[] = [];
  const held = new Map<string, bigint>();
  const captures = new Map<string, Json[]>();
  for (const entry of entries)
    if (entry.hold !== null) captures.set(entry.hold, [...(captures.get(entry.hold) ?? []), entry]);
  for (const hold of tables.get('holds')!) {
    const [id, account] = [hold['id'] as string, hold['account_id'] as string];
    const of = captures.get(id) ?? [];
    if (hold['status'] === 'active') held.set(account, (held.get(account) ?? 0n) + BigInt(String(hold['amount'])));
    const moved = of.map(({ lines }) => String(lines[1].amount)).join();
    const expected = hold['status'] === 'captured' ? String(hold['captured']) : '';
    if (moved !== expected || (of[0]?.id ?? null) !== hold['transfer_id'])
      faults.push(`${id}: ${String(hold['status'])}, and moved ${moved}`);
    captures.delete(id);
  }
  for (const id of captures.keys()) faults.push(`${id}: captured, and not there`);
  for (const row of tables.get('accounts')!) {
    const sum = held.get(row['id'] as string) ?? 0n;
    if (BigInt(String(row['held'])) !== sum)
      faults.push(`${String(row['id'])}: holds ${String(row['held'])}, its holds ${sum}`);
  }
  return faults;
}

/** Each once, whole, and never of another reversal. */
function reversalFaults(entries: readonly Json[]): string[] {
  const byId = new Map(entries.map((entry) => [entry.id, entry]));
  const reversed = new Set<string>();
  return entries.flatMap((entry) => {
    if (entry.reverses === null) return [];
    const first = byId.get(entry.reverses);
    const isTwice = reversed.has(entry.reverses);
    reversed.add(entry.reverses);
    const legs = (of: Json, sign: bigint) =>
      of.lines.map((line: Json) => `${line.account} ${BigInt(line.amount) * sign}`).join();
    const isRight = first !== undefined && first.reverses === null && legs(first, -1n) === legs(entry, 1n);
    return isTwice || !isRight ? [`${entry.id}: does not take ${entry.reverses} back`] : [];
  });
}
