// Where the engines' SQL differs for readers. Each word means the same on both.
import { type Dialect } from './schema/table.js';
import { type Sql, sql, sqlText } from './sql.js';

export interface Words {
  readonly dialect: Dialect;
  /** The column is one of the values; none matches an empty list. */
  oneOf(column: string, values: readonly string[]): Sql;
  /** The values as rows of a table: its one column is `value`. */
  each(values: readonly string[], alias: string): Sql;
  /** The column contains the text, to the letter. */
  contains(column: string, text: string): Sql;
  /** `YYYY-MM` of a date column. */
  month(column: string): Sql;
  /** `YYYY-MM-DD` of an instant column: the day in UTC. */
  day(column: string): Sql;
  /** The exact sum of an amount expression, of shape `sum`; 0 over no rows. It cannot overflow. */
  sum(expression: string): Sql;
  /** Joins the first row of a table that `rest` (`WHERE … ORDER BY …`) leads to, for each row of what stands before it: one probe of an index each. */
  joinFirst(table: string, alias: string, rest: Sql): Sql;
}

export const WORDS: Record<Dialect, Words> = {
  postgres: {
    dialect: 'postgres',
    oneOf: (column, values) => sql`${sqlText(column)} = ANY(${values}::text[])`,
    each: (values, alias) => sql`unnest(${values}::text[]) AS ${sqlText(`${alias}(value)`)}`,
    contains: (column, text) => sql`strpos(${sqlText(column)}, ${text}) > 0`,
    month: (column) => sqlText(`to_char(${column}, 'YYYY-MM')`),
    day: (column) => sqlText(`to_char(${column} AT TIME ZONE 'UTC', 'YYYY-MM-DD')`),
    sum: (expression) => sqlText(`COALESCE(SUM(${expression}), 0)::text`),
    // As a subquery that gives a key it would be planned as a hash over the whole table.
    joinFirst: (table, alias, rest) =>
      sql`${sqlText(`JOIN LATERAL (SELECT ${alias}.* FROM ${table} ${alias}`)} ${rest} LIMIT 1) ${sqlText(`${alias} ON TRUE`)}`,
  },
  sqlite: {
    dialect: 'sqlite',
    oneOf: (column, values) => sql`${sqlText(column)} IN (SELECT value FROM json_each(${JSON.stringify(values)}))`,
    each: (values, alias) => sql`json_each(${JSON.stringify(values)}) ${sqlText(alias)}`,
    contains: (column, text) => sql`instr(${sqlText(column)}, ${text}) > 0`,
    month: (column) => sqlText(`substr(${column}, 1, 7)`),
    day: (column) => sqlText(`substr(${column}, 1, 10)`),
    // SQLite's SUM refuses to pass 2^63: sum the millions and the rest apart, and put them together outside.
    sum: (expression) =>
      sqlText(`(COALESCE(SUM((${expression}) / 1000000), 0) || ':' || COALESCE(SUM((${expression}) % 1000000), 0))`),
    joinFirst: (table, alias, rest) =>
      sql`${sqlText(`JOIN ${table} ${alias} ON ${alias}.id = (SELECT ${alias}.id FROM ${table} ${alias}`)} ${rest} LIMIT 1)`,
  },
};
