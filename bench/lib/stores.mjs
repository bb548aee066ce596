// Stores with the service's own schema, filled by the shortest way there is: it is not what is measured.
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { built, environmentOf, load } from './dist.mjs';
import { withClient } from './postgres.mjs';
import { accountAt, balanceAt, lineAt, rowsOf } from './rows.mjs';
import { openFolder } from './tether.mjs';

const CHUNK = 5_000;
const ARRAYS = {
  text: 'text[]',
  amount: 'bigint[]',
  instant: 'timestamptz[]',
  date: 'date[]',
  count: 'int[]',
  flag: 'bool[]',
};

/** @typedef {{ accounts: number, lines?: number, balances?: number, kind?: 'linked' | 'manual' }} Contents */

/** Brings the store of this URL to the newest schema, by the service's own runner. @param {string} url */
export function migrate(url) {
  run([built('src/migrate.js'), 'up'], url);
}

/** An API key for the store. @param {string} url @param {'read' | 'write' | 'admin'} scope @returns {string} */
export function makeKey(url, scope) {
  return JSON.parse(
    run([built('src/cli/passbook.js'), 'keys', 'create', '--name', 'bench', '--scope', scope, '--json'], url),
  ).key;
}

/** A migrated, empty SQLite file. */
export function makeSqlite() {
  const path = join(openFolder('sqlite'), 'passbook.db');
  const url = `sqlite:///${path}`;
  migrate(url);
  return { path, url };
}

/** @param {string} url @param {Contents} contents */
export async function fillPostgres(url, contents) {
  await withClient(url, async (client) => {
    await client.query('SET synchronous_commit = off');
    for (const { entity, rows } of await tables(contents)) {
      const names = entity.columns.map((column) => column.name).join(', ');
      const arrays = entity.columns.map((column, index) => `$${index + 1}::${ARRAYS[column.kind]}`).join(', ');
      for (const chunk of rows) {
        const values = entity.columns.map((column) => chunk.map((row) => row[column.property]));
        await client.query({
          name: entity.name,
          text: `INSERT INTO ${entity.name} (${names}) SELECT * FROM UNNEST(${arrays})`,
          values,
        });
      }
    }
    await client.query(CARRY.replaceAll('?', "'infinity'"));
    await client.query('VACUUM ANALYZE');
    await client.query('CHECKPOINT');
  });
}

/** @param {string} path @param {Contents} contents */
export async function fillSqlite(path, contents) {
  const database = new Database(path);
  database.pragma('journal_mode = WAL');
  database.pragma('synchronous = OFF');
  for (const { entity, rows } of await tables(contents)) {
    const names = entity.columns.map((column) => column.name).join(', ');
    const insert = database.prepare(
      `INSERT INTO ${entity.name} (${names}) VALUES (${entity.columns.map(() => '?').join(', ')})`,
    );
    for (const chunk of rows) {
      database.transaction(() => {
        for (const row of chunk)
          insert.run(
            ...entity.columns.map(({ property, kind }) => (kind === 'flag' ? Number(row[property]) : row[property])),
          );
      })();
    }
  }
  database.exec(CARRY.replaceAll('?', "'9999'"));
  database.exec('ANALYZE');
  database.pragma('wal_checkpoint(TRUNCATE)');
  database.close();
}

/** The accounts carry their latest balance, as the service keeps it. */
const CARRY = `
  UPDATE accounts SET balance_id = b.id, balance_available = b.available, balance_ledger = b.ledger, balance_as_of = b.as_of
  FROM balances b
  WHERE b.account_id = accounts.id
    AND b.as_of = (SELECT MAX(n.as_of) FROM balances n WHERE n.account_id = accounts.id AND n.as_of < ?)`;

/** @param {Contents} contents */
async function tables({ accounts, lines = 0, balances = 0, kind = 'linked' }) {
  const { definitionOf } = await load('src/database/schema/entity.js');
  const { Account } = await load('src/accounts/account.entity.js');
  const { Balance } = await load('src/balances/balance.entity.js');
  const { AccountTransaction } = await load('src/transactions/account-transaction.entity.js');
  return [
    { entity: definitionOf(Account), rows: chunks(accounts, (number) => accountAt(number, kind)) },
    {
      entity: definitionOf(Balance),
      rows: chunks(balances, (number) => balanceAt(number, { accounts, of: balances })),
    },
    {
      entity: definitionOf(AccountTransaction),
      rows: chunks(lines, (number) => lineAt(number, { accounts, of: lines })),
    },
  ];
}

/** @param {number} count @param {(number: number) => any} at */
function* chunks(count, at) {
  for (let from = 0; from < count; from += CHUNK) yield rowsOf(Math.min(CHUNK, count - from), at, from);
}

/** @param {string[]} args @param {string} url */
function run(args, url) {
  const ran = spawnSync(process.execPath, args, { env: environmentOf(url), encoding: 'utf8' });
  if (ran.status !== 0) throw new Error(`${args.join(' ')} failed:\n${ran.stdout}${ran.stderr}`);
  return ran.stdout;
}
