// What a store holds, in a line: it changes with every row that is added, changed or taken away.
import { Database } from '../../src/database/database.js';
import { definitionOf } from '../../src/database/schema/entity.js';
import { joinSql, ownerless, sql, type Sql, sqlText } from '../../src/database/sql.js';
import { ENTITIES } from '../../src/entities.js';
import { EVERYBODY } from '../support/builders.js';
import { type TestApp } from '../support/test-app.js';

/** Of each table how many rows there are, and where it has them the sum of versions and the latest moment of a change. */
const PARTS: readonly { readonly name: string; readonly expression: Sql }[] = ENTITIES.flatMap((entity) => {
  const { name, columns } = definitionOf(entity);
  const has = (column: string): boolean => columns.some((one) => one.name === column);
  const part = (what: string): Sql => sqlText(`(SELECT ${what} FROM ${name})`);
  return [
    { name: `${name}`, expression: part('count(*)') },
    ...(has('version') ? [{ name: `${name} versions`, expression: part('COALESCE(sum(version), 0)') }] : []),
    // As text: each engine's own form will do, since it is compared with itself.
    ...(has('updated_at')
      ? [{ name: `${name} changed`, expression: part("COALESCE(CAST(max(updated_at) AS text), '')") }]
      : []),
  ];
});
const QUERY = sql`SELECT ${joinSql(
  PARTS.map(({ expression }) => expression),
  ', ',
)} WHERE ${ownerless('a test looks at everything')}`;
const SHAPE = Object.fromEntries(PARTS.map(({ name }) => [name, 'text'] as const));

/** Rows that the program keeps for itself, whatever it answers, are not counted: see `ENTITIES`. */
export async function digestOf({ app }: TestApp): Promise<string> {
  const [row] = await app.get(Database).read(EVERYBODY, (reader) => reader.query(QUERY, SHAPE));
  return Object.entries(row!)
    .map(([name, value]) => `${name}=${String(value)}`)
    .join('; ');
}

/** The parts of the two that differ. */
export function differenceOf(before: string, after: string): string {
  const [was, is] = [before.split('; '), after.split('; ')];
  return is.flatMap((part, index) => (part === was[index] ? [] : [`${was[index]!} → ${part}`])).join(', ');
}
