// Fastify and pg with nothing between them: prepared statements, a pool of the service's size, no key, no checks.
import Fastify from 'fastify';
import pg from 'pg';
import { balanceView, lineView, page, placeIn, totalsView } from './answers.mjs';
import { latestQuery, numbered, pageQuery, totalsQuery } from './queries.mjs';

const DATE = 1082;
// Else pg makes a Date of a civil date, in the machine's zone.
pg.types.setTypeParser(DATE, (text) => text);

const pool = new pg.Pool({ connectionString: process.env.STORE_URL, max: 10 });
const app = Fastify();

/** @param {string} name @param {string} text @param {unknown[]} [values] */
async function rows(name, text, values = []) {
  return (await pool.query({ name, text, values })).rows;
}

app.get('/v1/transactions', async (request) => {
  const { accountId, cursor, limit = '50' } = /** @type {Record<string, string>} */ (request.query);
  const after = placeIn(cursor);
  const which = { ofAccount: accountId !== undefined, after: after !== undefined, limit: Number(limit) };
  const values = [...(accountId === undefined ? [] : [accountId]), ...(after ?? [])];
  const found = await rows(`page ${JSON.stringify(which)}`, numbered(pageQuery(which)), values);
  return page(found, which.limit, lineView, (last) => [last.date, last.id]);
});

app.get('/v1/balances', async (request) => {
  const { at, limit = '50' } = /** @type {Record<string, string>} */ (request.query);
  const text = numbered(`${latestQuery({ at: at !== undefined, dialect: 'postgres' })} LIMIT ${Number(limit) + 1}`);
  const found = await rows(`latest ${at === undefined} ${limit}`, text, at === undefined ? [] : [at]);
  return page(found, Number(limit), balanceView, (last) => [last.account_id]);
});

app.get('/v1/transactions/totals', async () => ({
  data: (await rows('totals', totalsQuery('postgres'))).map(totalsView),
}));

console.log(`listening on ${await app.listen({ host: '127.0.0.1', port: 0 })}`);
process.once('SIGTERM', () => process.exit());
