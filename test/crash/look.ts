// Looks into a store past the program, in SQL that both engines read alike: whether what must always hold holds.
import Database from 'better-sqlite3';
import pg from 'pg';
import { type Settings } from '../../src/config/settings.js';
import { definitionOf } from '../../src/database/schema/entity.js';
import { ENTITIES } from '../../src/entities.js';

type Row = Readonly<Record<string, unknown>>;
type Query = (sql: string) => Promise<Row[]>;

/** Ids of rows that should not be, by what is wrong with them. */
const WRONG: Readonly<Record<string, string>> = {
  'a line without its account, or of another owner or currency': `
    SELECT t.id FROM transactions t LEFT JOIN accounts a ON a.id = t.account_id
    WHERE a.id IS NULL OR a.owner <> t.owner OR a.currency <> t.currency`,
  'a balance without its account, or of another owner': `
    SELECT b.id FROM balances b LEFT JOIN accounts a ON a.id = b.account_id WHERE a.id IS NULL OR a.owner <> b.owner`,
  'an account that does not carry its newest balance': `
    SELECT a.id FROM accounts a
    LEFT JOIN balances b ON b.account_id = a.id
      AND b.as_of = (SELECT MAX(n.as_of) FROM balances n WHERE n.account_id = a.id)
    WHERE a.kind <> 'book' AND (a.balance_id IS DISTINCT FROM b.id OR a.balance_as_of IS DISTINCT FROM b.as_of
      OR a.balance_ledger IS DISTINCT FROM b.ledger OR a.balance_available IS DISTINCT FROM b.available)`,
  'a linked account without its place in the feed, or of another owner': `
    SELECT a.id FROM accounts a LEFT JOIN feed_positions p ON p.account_id = a.id
    WHERE a.kind = 'linked' AND (p.account_id IS NULL OR p.owner <> a.owner)`,
  'a linked account without its enrollment': `
    SELECT a.id FROM accounts a LEFT JOIN enrollments e ON e.id = a.enrollment_id
    WHERE a.kind = 'linked' AND (e.id IS NULL OR e.owner <> a.owner)`,
};

/** An open eye on a store, which may be in use. */
export class Look {
  private constructor(
    private readonly query: Query,
    private readonly isSqlite: boolean,
    readonly close: () => Promise<void>,
  ) {}

  static async at({ store }: Settings): Promise<Look> {
    if (store.engine === 'sqlite') {
      const database = new Database(store.path, { readonly: true, fileMustExist: true, timeout: 10_000 });
      const close = async (): Promise<void> => void database.close();
      return new Look(async (sql) => database.prepare(sql).all() as Row[], true, close);
    }
    const { host, port, user, database, password } = store;
    const client = new pg.Client({ host, port, user, database, password: password?.reveal() });
    await client.connect();
    return new Look(
      async (sql) => (await client.query<Row>(sql)).rows,
      false,
      () => client.end(),
    );
  }

  /** What is wrong; empty when nothing is. */
  async faults(): Promise<string[]> {
    const faults: string[] = [];
    for (const [what, sql] of Object.entries(WRONG)) {
      for (const row of await this.query(sql)) faults.push(`${what}: ${String(row['id'])}`);
    }
    if (!this.isSqlite) return faults;
    const [integrity] = await this.query('PRAGMA integrity_check');
    if (integrity?.['integrity_check'] !== 'ok') faults.push(`integrity_check: ${JSON.stringify(integrity)}`);
    const strays = await this.query('PRAGMA foreign_key_check');
    return [...faults, ...strays.map((row) => `foreign_key_check: ${JSON.stringify(row)}`)];
  }

  /** Every row of every table, a line each. */
  async everything(): Promise<string> {
    const tables: string[] = [];
    for (const { name, primaryKey } of ENTITIES.map((entity) => definitionOf(entity))) {
      const rows = await this.query(`SELECT * FROM ${name} ORDER BY ${primaryKey.join(', ')}`);
      tables.push(name, ...rows.map((row) => JSON.stringify(row)));
    }
    return tables.join('\n');
  }
}

export async function faultsIn(settings: Settings): Promise<string[]> {
  const look = await Look.at(settings);
  try {
    return await look.faults();
  } finally {
    await look.close();
  }
}
