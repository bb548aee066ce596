// Runs a change of rows: batches by primary key, each a transaction together with the mark of how far it got, so that a run that was cut off goes on there.
import { allOf, joinSql, type Sql, sql, sqlText, type SqlValue } from '../sql.js';
import { typeSql } from './ddl.js';
import { type Direction, noteProgress, type Progress, readProgress } from './history.js';
import { type SchemaSession, type SessionRow } from './session.js';
import { type ColumnValues, type RowStep } from './step.js';
import { columnOf } from './table-changes.js';
import { decoderOf, encoderOf } from './values.js';

/** Parameters of one statement stay far below what either engine takes. */
const ROWS_A_STATEMENT = 100;

export interface RowRun {
  readonly id: string;
  readonly direction: Direction;
  readonly steps: readonly RowStep[];
}

/** Does the next batch within the caller's transaction. Answers how many rows it had; undefined when all steps are done. */
export async function runNextBatch(
  session: SchemaSession,
  { id, direction, steps }: RowRun,
): Promise<number | undefined> {
  const progress: Progress = (await readProgress(session)) ?? { id, direction, step: 0, afterKey: null };
  const step = steps[progress.step];
  if (step === undefined) return undefined;
  const after = progress.afterKey === null ? undefined : (JSON.parse(progress.afterKey) as readonly string[]);
  const rows = await nextRows(session, step, after);
  const last = rows.at(-1);
  if (last === undefined) {
    await session.query(noteProgress({ ...progress, step: progress.step + 1, afterKey: null }));
    return 0;
  }
  const until = step.table.primaryKey.map((column) => String(last[column]));
  if (step.verb === 'compute') await compute(session, step, rows);
  else await session.query(rangeStatement(session, step, after, until));
  await session.query(noteProgress({ ...progress, afterKey: JSON.stringify(until) }));
  return rows.length;
}

function nextRows(session: SchemaSession, step: RowStep, after: readonly string[] | undefined): Promise<SessionRow[]> {
  const { table, batchRows } = step;
  const columns = [...new Set([...table.primaryKey, ...(step.read ?? [])])];
  const lock = sqlText(session.dialect === 'postgres' ? ' FOR NO KEY UPDATE' : '');
  return session.query(
    sql`SELECT ${sqlText(columns.join(', '))} FROM ${sqlText(table.name)} WHERE ${conditions(session, step, after)}
        ORDER BY ${sqlText(table.primaryKey.join(', '))} LIMIT ${batchRows}${lock}`,
  );
}

function rangeStatement(
  session: SchemaSession,
  step: RowStep,
  after: readonly string[] | undefined,
  until: readonly string[],
): Sql {
  const name = sqlText(step.table.name);
  const where = conditions(session, step, after, until);
  if (step.verb === 'delete') return sql`DELETE FROM ${name} WHERE ${where}`;
  const sets = Object.entries(step.set?.[session.dialect] ?? {}).map(([column, value]) => `${column} = ${value}`);
  return sql`UPDATE ${name} SET ${sqlText(sets.join(', '))} WHERE ${where}`;
}

function conditions(
  session: SchemaSession,
  step: RowStep,
  after: readonly string[] | undefined,
  until?: readonly string[],
): Sql {
  const key = sqlText(`(${step.table.primaryKey.join(', ')})`);
  const tuple = (values: readonly string[]) =>
    sql`(${joinSql(
      values.map((value) => sql`${value}`),
      ', ',
    )})`;
  const where = step.where?.[session.dialect];
  return allOf([
    ...(after === undefined ? [] : [sql`${key} > ${tuple(after)}`]),
    ...(until === undefined ? [] : [sql`${key} <= ${tuple(until)}`]),
    ...(where === undefined ? [] : [sqlText(`(${where})`)]),
  ]);
}

async function compute(session: SchemaSession, step: RowStep, rows: readonly SessionRow[]): Promise<void> {
  const { table, read = [], write = [], compute: rule } = step;
  const decode = (row: SessionRow): ColumnValues =>
    Object.fromEntries(
      read.map((column) => [column, decoderOf(columnOf(table, column).kind, session.dialect)(row[column])]),
    );
  const changes = rows.flatMap((row) => {
    const values = rule?.(decode(row));
    return values === undefined
      ? []
      : [[...table.primaryKey.map((column) => row[column] as SqlValue), ...encoded(session, step, values)]];
  });
  for (let index = 0; index < changes.length; index += ROWS_A_STATEMENT) {
    await session.query(
      updateFrom(step, [...table.primaryKey, ...write], changes.slice(index, index + ROWS_A_STATEMENT), session),
    );
  }
}

function encoded(session: SchemaSession, { table, write = [] }: RowStep, values: ColumnValues): SqlValue[] {
  return write.map((column) => {
    if (!(column in values)) throw new Error(`the rule for ${table.name} gave no ${column}`);
    return encoderOf(columnOf(table, column).kind, session.dialect)(values[column]) as SqlValue;
  });
}

/** Both engines call the columns of VALUES column1, column2 …; PostgreSQL learns their types from the first line. */
function updateFrom(
  { table, write = [] }: RowStep,
  columns: readonly string[],
  rows: readonly SqlValue[][],
  session: SchemaSession,
): Sql {
  const types = columns.map((column) =>
    typeSql(columnOf(table, column).kind, session.dialect).replace(' COLLATE "C"', ''),
  );
  const lines = rows.map(
    (values) =>
      sql`(${joinSql(
        values.map((value, at) => sql`CAST(${value} AS ${sqlText(types[at] ?? '')})`),
        ', ',
      )})`,
  );
  const keys = table.primaryKey.length;
  const sets = write.map((column, at) => `${column} = given.column${keys + at + 1}`).join(', ');
  const matches = table.primaryKey.map((column, at) => `${table.name}.${column} = given.column${at + 1}`).join(' AND ');
  return sql`UPDATE ${sqlText(table.name)} SET ${sqlText(sets)} FROM (VALUES ${joinSql(lines, ', ')}) AS given WHERE ${sqlText(matches)}`;
}
