// Fastify and better-sqlite3 with nothing between them: prepared statements, no key, no checks.
import Database from 'better-sqlite3';
import Fastify from 'fastify';
import { balanceView, lineView, page, placeIn, totalsView } from './answers.mjs';
import { latestQuery, pageQuery, totalsQuery } from './queries.mjs';

const database = new Database(process.env.STORE_URL, { readonly: true, fileMustExist: true });
const app = Fastify();
/** @type {Map<string, import('better-sqlite3').Statement>} */
const statements = new Map();

/** @param {string} text @param {unknown[]} [values] */
function rows(text, values = []) {
  let statement = statements.get(text);
  if (statement === undefined) statements.set(text, (statement = database.prepare(text)));
  return statement.all(...values);
}

app.get('/v1/transactions', async (request) => {
  const { accountId, cursor, limit = '50' } = /** @type {Record<string, string>} */ (request.query);
  const after = placeIn(cursor);
  const text = pageQuery({ ofAccount: accountId !== undefined, after: after !== undefined, limit: Number(limit) });
  const found = rows(text, [...(accountId === undefined ? [] : [accountId]), ...(after ?? [])]);
  return page(found, Number(limit), lineView, (last) => [last.date, last.id]);
});

app.get('/v1/balances', async (request) => {
  const { at, limit = '50' } = /** @type {Record<string, string>} */ (request.query);
  const text = `${latestQuery({ at: at !== undefined, dialect: 'sqlite' })} LIMIT ${Number(limit) + 1}`;
  return page(rows(text, at === undefined ? [] : [at]), Number(limit), balanceView, (last) => [last.account_id]);
});

app.get('/v1/transactions/totals', async () => ({ data: rows(totalsQuery('sqlite')).map(totalsView) }));

console.log(`listening on ${await app.listen({ host: '127.0.0.1', port: 0 })}`);
process.once('SIGTERM', () => process.exit());
