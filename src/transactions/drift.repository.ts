// What an account's drift is judged by: sums and last running balances of its days, and what was stated beside them.
import { Injectable } from '@nestjs/common';
import { type CivilDate } from '../common/civil-date.js';
import { type AccountId } from '../common/ids.js';
import { type Reader } from '../database/reader.js';
import { type Shape, type Shaped } from '../database/shape.js';
import { sql } from '../database/sql.js';
import { type DayOfLines, type StatedBalance } from './drift.js';

export interface Told {
  readonly days: readonly DayOfLines[];
  readonly stated: readonly StatedBalance[];
}

/** Amounts as text, since rows of three sorts come in one list. `place`: the order within a day. */
const TOLD_SHAPE = {
  sort: 'text',
  day: 'text',
  first: 'sum',
  second: 'sum',
  place: 'number',
} as const satisfies Shape;

@Injectable()
export class DriftRepository {
  /** In one statement, so that a sync between two of them is not taken for a fault; and by days, so that it does not grow with the lines. */
  async told(reader: Reader, accountId: AccountId): Promise<Told> {
    const { sum, day } = reader.words;
    const query = sql`
      WITH lines AS (
        SELECT t.date, t.amount, t.running_balance FROM transactions t
        WHERE ${reader.owned('t')} AND t.account_id = ${accountId} AND t.status = 'posted'),
      balances_after AS (
        SELECT l.date, l.running_balance AS held, 1 AS times FROM lines l WHERE l.running_balance IS NOT NULL
        UNION ALL
        SELECT l.date, l.running_balance - l.amount, -1 FROM lines l WHERE l.running_balance IS NOT NULL)
      SELECT 'lines' AS sort, CAST(l.date AS text) AS day,
        ${sum('CASE WHEN l.amount > 0 THEN l.amount ELSE 0 END')}, ${sum('CASE WHEN l.amount < 0 THEN l.amount ELSE 0 END')},
        COUNT(*) - COUNT(l.running_balance) AS place
      FROM lines l GROUP BY l.date
      UNION ALL
      SELECT 'after', CAST(a.date AS text), CAST(a.held AS text), '0', ROW_NUMBER() OVER (ORDER BY a.date, a.held)
      FROM balances_after a GROUP BY a.date, a.held HAVING SUM(a.times) > 0
      UNION ALL
      SELECT 'at', ${day('b.as_of')}, CAST(b.ledger AS text), '0', ROW_NUMBER() OVER (ORDER BY b.as_of)
      FROM balances b WHERE ${reader.owned('b')} AND b.account_id = ${accountId} AND b.ledger IS NOT NULL
      ORDER BY day, sort, place`;
    return sorted(await reader.scan(query, TOLD_SHAPE));
  }
}

function sorted(rows: readonly Shaped<typeof TOLD_SHAPE>[]): Told {
  const days: DayOfLines[] = [];
  const stated: StatedBalance[] = [];
  for (const row of rows) {
    const day = row.day as CivilDate;
    if (row.sort === 'lines') days.push({ day, in: row.first, out: row.second, unstated: row.place });
    else stated.push({ day, kind: row.sort as StatedBalance['kind'], ledger: row.first });
  }
  return { days, stated };
}
