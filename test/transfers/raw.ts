// The store's own SQL, past the program: to tamper with what it holds, and to put it back.
import SqliteDatabase from 'better-sqlite3';
import pg from 'pg';
import { type Settings } from '../../src/config/settings.js';

type Row = Record<string, unknown>;

export async function raw({ store }: Settings, sql: string): Promise<Row[]> {
  if (store.engine === 'sqlite') {
    const database = new SqliteDatabase(store.path, { timeout: 10_000 });
    try {
      const statement = database.prepare(sql);
      if (statement.reader) return statement.all() as Row[];
      statement.run();
      return [];
    } finally {
      database.close();
    }
  }
  const { host, port, user, database, password } = store;
  const client = new pg.Client({ host, port, user, database, password: password?.reveal() });
  await client.connect();
  try {
    return (await client.query<Row>(sql)).rows;
  } finally {
    await client.end();
  }
}

export function literal(value: unknown): string {
  if (value === null) return 'NULL';
  if (value instanceof Date) return `'${value.toISOString()}'`;
  return typeof value === 'string' ? `'${value.replaceAll("'", "''")}'` : String(value);
}

/** Sets a column of one row to an expression, does something, and puts it back. */
export async function tampered<T>(
  settings: Settings,
  where: readonly [table: string, id: string, column: string, expression: string],
  work: () => Promise<T>,
): Promise<T> {
  const [table, id, column, expression] = where;
  const of = `FROM ${table} WHERE id = ${literal(id)}`;
  const [row] = await raw(settings, `SELECT ${column} ${of}`);
  const set = (value: string) => raw(settings, `UPDATE ${table} SET ${column} = ${value} WHERE id = ${literal(id)}`);
  await set(expression);
  try {
    return await work();
  } finally {
    await set(literal(row![column]));
  }
}

/** Takes one row away, does something, and puts it back. */
export async function without<T>(settings: Settings, table: string, id: string, work: () => Promise<T>): Promise<T> {
  const [row] = await raw(settings, `SELECT * FROM ${table} WHERE id = ${literal(id)}`);
  await raw(settings, `DELETE FROM ${table} WHERE id = ${literal(id)}`);
  try {
    return await work();
  } finally {
    const names = Object.keys(row!);
    await raw(
      settings,
      `INSERT INTO ${table} (${names.join(', ')}) VALUES (${names.map((name) => literal(row![name])).join(', ')})`,
    );
  }
}
