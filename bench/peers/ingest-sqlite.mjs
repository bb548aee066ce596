// Rows through better-sqlite3 alone: one prepared INSERT run once a row and one transaction a batch, as durable as the service's.
import Database from 'better-sqlite3';
import { serveWriter } from '../lib/writers.mjs';
import { COLUMNS } from './ingest-columns.mjs';

const database = new Database(process.env.STORE_URL, { fileMustExist: true });
database.pragma('journal_mode = WAL');
database.pragma('synchronous = FULL');
database.pragma('foreign_keys = ON');
const insert = database.prepare(
  `INSERT INTO transactions (${COLUMNS.map(([name]) => name).join(', ')}) VALUES (${COLUMNS.map(() => '?').join(', ')})`,
);
const properties = COLUMNS.map(([, property]) => property);
const insertAll = database.transaction((rows) => {
  for (const row of rows)
    insert.run(...properties.map((property) => (property === 'categorySet' ? Number(row[property]) : row[property])));
});

serveWriter(
  (rows) => insertAll.immediate(rows),
  () => database.close(),
);
