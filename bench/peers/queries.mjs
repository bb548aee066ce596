// The bare queries, as one writes them for the schema; `?` is a parameter.
import { LINE_COLUMNS } from './answers.mjs';

const KEPT = "t.status <> 'removed'";

/** @param {{ ofAccount: boolean, after: boolean, limit: number }} which */
export function pageQuery({ ofAccount, after, limit }) {
  const conditions = [...(ofAccount ? ['t.account_id = ?'] : []), KEPT, ...(after ? ['(t.date, t.id) < (?, ?)'] : [])];
  return `SELECT ${LINE_COLUMNS} FROM transactions t WHERE ${conditions.join(' AND ')} ORDER BY t.date DESC, t.id DESC LIMIT ${limit + 1}`;
}

/** The newest snapshot of every account, not after a moment where one is given: one probe of the index an account. */
export function latestQuery({ at, dialect }) {
  const newest = `SELECT n.* FROM balances n WHERE n.account_id = a.id${at ? ' AND n.as_of <= ?' : ''} ORDER BY n.as_of DESC LIMIT 1`;
  const columns = 'b.id, b.account_id, b.available, b.ledger, a.currency, b.as_of';
  return dialect === 'postgres'
    ? `SELECT ${columns} FROM accounts a CROSS JOIN LATERAL (${newest}) b ORDER BY a.id`
    : `SELECT ${columns} FROM accounts a JOIN balances b ON b.id = (${newest.replace('n.*', 'n.id')}) ORDER BY a.id`;
}

export const DISTINCT_ON_QUERY = `
  SELECT DISTINCT ON (b.account_id) b.id, b.account_id, b.available, b.ledger, a.currency, b.as_of
  FROM balances b JOIN accounts a ON a.id = b.account_id ORDER BY b.account_id, b.as_of DESC`;

/** @param {'postgres' | 'sqlite'} dialect */
export function totalsQuery(dialect) {
  const month = dialect === 'postgres' ? "to_char(t.date, 'YYYY-MM')" : 'substr(t.date, 1, 7)';
  const first = dialect === 'postgres' ? 't.category NULLS FIRST' : 't.category';
  return `
    SELECT t.currency, t.category, ${month} AS month,
      SUM(CASE WHEN t.amount > 0 THEN t.amount ELSE 0 END) AS "in",
      SUM(CASE WHEN t.amount < 0 THEN t.amount ELSE 0 END) AS "out",
      COUNT(*) AS count
    FROM transactions t WHERE ${KEPT}
    GROUP BY t.currency, t.category, ${month} ORDER BY t.currency, ${first}, ${month}`;
}

/** @param {string} query */
export function numbered(query) {
  let count = 0;
  return query.replaceAll('?', () => `$${++count}`);
}
