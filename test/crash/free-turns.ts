// As if a minute had passed since a process died: whoever had the turn to sync an enrollment is not believed any more.
import SqliteDatabase from 'better-sqlite3';
import pg from 'pg';
import { type KillableStore } from './stores.js';

const FREE = "UPDATE sync_turns SET held_until = '2020-01-01T00:00:00.000Z' WHERE holder IS NOT NULL";

export async function freeTurns({ settings: { store } }: KillableStore): Promise<void> {
  if (store.engine === 'sqlite') {
    const database = new SqliteDatabase(store.path);
    database.exec(FREE);
    return void database.close();
  }
  const { host, port, user, database, password } = store;
  const client = new pg.Client({ host, port, user, database, password: password?.reveal() });
  await client.connect();
  await client.query(FREE);
  await client.end();
}
