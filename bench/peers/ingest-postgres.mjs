// Rows through pg alone: one prepared INSERT over UNNEST arrays and one transaction a batch.
import pg from 'pg';
import { serveWriter } from '../lib/writers.mjs';
import { COLUMNS } from './ingest-columns.mjs';

const client = new pg.Client(process.env.STORE_URL);
await client.connect();
const names = COLUMNS.map(([name]) => name).join(', ');
const arrays = COLUMNS.map(([, , type], index) => `$${index + 1}::${type}[]`).join(', ');
const text = `INSERT INTO transactions (${names}) SELECT * FROM UNNEST(${arrays})`;

serveWriter(
  async (rows) => {
    await client.query('BEGIN');
    await client.query({
      name: 'insert',
      text,
      values: COLUMNS.map(([, property]) => rows.map((row) => row[property])),
    });
    await client.query('COMMIT');
  },
  () => client.end(),
);
