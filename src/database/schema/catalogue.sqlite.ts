// SQLite's catalogue of one file: the pragmas, and from the texts of the definitions what no pragma tells.
import { sql } from '../sql.js';
import { type Catalogue, type CatalogueTable, type Facts, type OtherRelation, type Part } from './catalogue.js';
import { createTableSql } from './ddl.js';
import { type SchemaSession, type SessionRow } from './session.js';
import { SqliteSession } from './session.sqlite.js';
import { readIndexDefinition, readTableDefinition, type TableDefinition } from './sqlite-definition.js';
import { type Table } from './table.js';

export async function readSqliteCatalogue(session: SchemaSession): Promise<Catalogue> {
  const objects = await session.query(
    sql`SELECT type, name, tbl_name, sql FROM sqlite_schema WHERE name NOT LIKE 'sqlite\\_%' ESCAPE '\\' ORDER BY name`,
  );
  const kinds = new Map(
    (await session.query(sql`SELECT name, type, wr, strict FROM pragma_table_list WHERE schema = 'main'`)).map(
      (row) => [text(row, 'name'), row],
    ),
  );
  const tables: CatalogueTable[] = [];
  const others: OtherRelation[] = [];
  for (const object of objects) {
    const name = text(object, 'name');
    const kind = kinds.get(name);
    if (object['type'] === 'view') others.push({ kind: 'view', name });
    if (object['type'] !== 'table') continue;
    if (kind === undefined || kind['type'] !== 'table') others.push({ kind: 'virtual table', name });
    else tables.push(await readTable(session, object, kind, objects));
  }
  return { tables, others };
}

/** What the tables come to in a scratch database in memory. */
export async function demandedSqliteCatalogue(tables: readonly Table[]): Promise<Catalogue> {
  const scratch = SqliteSession.inMemory();
  try {
    for (const statement of tables.flatMap((table) => createTableSql(table, 'sqlite')))
      await scratch.execute(statement);
    return await readSqliteCatalogue(scratch);
  } finally {
    await scratch.close();
  }
}

async function readTable(
  session: SchemaSession,
  object: SessionRow,
  kind: SessionRow,
  objects: readonly SessionRow[],
): Promise<CatalogueTable> {
  const name = text(object, 'name');
  const definition = readTableDefinition(text(object, 'sql'));
  const columns = await session.query(
    sql`SELECT name, type, "notnull", dflt_value, pk, hidden FROM pragma_table_xinfo(${name})`,
  );
  const triggers = objects.filter(({ type, tbl_name: table }) => type === 'trigger' && table === name);
  return {
    name,
    facts: {
      strict: kind['strict'] === 1 ? 'yes' : 'no',
      ...(kind['wr'] === 1 ? { rowid: 'without' } : {}),
      ...(definition.extras.length === 0 ? {} : { extras: definition.extras.join(', ') }),
    },
    parts: [
      ...columns.map((row) => columnPart(row, definition)),
      ...primaryKeyPart(columns, definition),
      ...(await indexParts(session, name, objects, definition)),
      ...definition.checks.map(({ name: check, condition }): Part => ({
        kind: 'check',
        name: check ?? `(${condition})`,
        facts: { condition },
      })),
      ...(await foreignKeyParts(session, name, definition)),
      ...triggers.map((trigger): Part => ({ kind: 'trigger', name: text(trigger, 'name'), facts: {} })),
    ],
  };
}

function columnPart(row: SessionRow, { collations, generated }: TableDefinition): Part {
  const name = text(row, 'name');
  const collation = collations.get(name);
  const expression = generated.get(name);
  const facts: Facts = {
    type: text(row, 'type'),
    ...(collation === undefined || collation === 'binary' ? {} : { collation }),
    nullable: row['notnull'] === 1 ? 'no' : 'yes',
    ...(row['dflt_value'] === null ? {} : { default: text(row, 'dflt_value') }),
    ...(expression === undefined ? {} : { generated: expression }),
  };
  return { kind: 'column', name, facts };
}

function primaryKeyPart(columns: readonly SessionRow[], definition: TableDefinition): Part[] {
  const keys = columns.filter(({ pk }) => Number(pk) > 0).sort((a, b) => Number(a['pk']) - Number(b['pk']));
  if (keys.length === 0) return [];
  return [
    {
      kind: 'primary key',
      name: definition.primaryKey ?? '(unnamed)',
      facts: { columns: keys.map((row) => text(row, 'name')).join(', ') },
    },
  ];
}

async function indexParts(
  session: SchemaSession,
  table: string,
  objects: readonly SessionRow[],
  definition: TableDefinition,
): Promise<Part[]> {
  const parts: Part[] = [];
  for (const index of await session.query(
    sql`SELECT name, "unique" AS is_unique, origin FROM pragma_index_list(${table})`,
  )) {
    const name = text(index, 'name');
    // The primary key's own index: its columns are told above.
    if (index['origin'] === 'pk') continue;
    const object = objects.find((one) => one['type'] === 'index' && one['name'] === name);
    const { columns: written = [], where } =
      object === undefined ? { columns: [], where: undefined } : readIndexDefinition(text(object, 'sql'));
    const rows = await session.query(
      sql`SELECT cid, name, "desc" AS descends, coll FROM pragma_index_xinfo(${name}) WHERE key = 1 ORDER BY seqno`,
    );
    const columns = rows.map((row, at) => indexColumn(row, written[at], definition)).join(', ');
    if (index['origin'] === 'u') parts.push({ kind: 'unique constraint', name: `(${columns})`, facts: { columns } });
    else
      parts.push({
        kind: 'index',
        name,
        facts: { columns, unique: index['is_unique'] === 1 ? 'yes' : 'no', ...(where === undefined ? {} : { where }) },
      });
  }
  return parts;
}

function indexColumn(row: SessionRow, written: string | undefined, { collations }: TableDefinition): string {
  const name = row['name'] === null ? `(${written ?? ''})` : text(row, 'name');
  const collation = text(row, 'coll').toLowerCase();
  const usual = collations.get(name) ?? 'binary';
  return `${name}${collation === usual ? '' : ` collate ${collation}`}${row['descends'] === 1 ? ' desc' : ''}`;
}

/** The pragma counts foreign keys from the last that is written to the first, and knows no names. */
async function foreignKeyParts(
  session: SchemaSession,
  table: string,
  { foreignKeys }: TableDefinition,
): Promise<Part[]> {
  const rows = await session.query(
    sql`SELECT id, "table" AS target, "from" AS source, "to" AS target_column, on_update, on_delete FROM pragma_foreign_key_list(${table}) ORDER BY id, seq`,
  );
  return foreignKeys.map(({ name, deferrable }, at): Part => {
    const own = rows.filter(({ id }) => id === foreignKeys.length - 1 - at);
    const columns = own.map((row) => text(row, 'source')).join(', ');
    const targets = own
      .map((row) => (row['target_column'] === null ? 'its key' : text(row, 'target_column')))
      .join(', ');
    const references = `${own[0] === undefined ? '' : text(own[0], 'target')} (${targets})`;
    const action = (column: string) => (own[0] === undefined ? '' : text(own[0], column).toLowerCase());
    return {
      kind: 'foreign key',
      name: name ?? `(${columns} to ${references})`,
      facts: {
        columns,
        references,
        'on delete': action('on_delete'),
        'on update': action('on_update'),
        ...(deferrable === undefined ? {} : { deferrable }),
      },
    };
  });
}

function text(row: SessionRow, column: string): string {
  return String(row[column] ?? '');
}
