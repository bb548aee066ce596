// PostgreSQL's catalogue of one schema. Whatever an extension brought along is none of ours and is passed over.
import { type Sql, sql } from '../sql.js';
import { createTableSql } from './ddl.js';
import { type Catalogue, type CatalogueTable, type Facts, type OtherRelation, type Part } from './catalogue.js';
import { type SchemaSession, type SessionRow } from './session.js';
import { type Table } from './table.js';

/** The catalogue of the schema that the connection works in. */
export async function readPostgresCatalogue(session: SchemaSession): Promise<Catalogue> {
  const [row] = await session.query(sql`SELECT current_schema() AS name`);
  return readSchema(session, sql`(SELECT oid FROM pg_namespace WHERE nspname = ${String(row?.['name'])})`);
}

/** What the tables come to in this very server, which normalises them as it does the live ones: made as temporary tables and rolled back. */
export async function demandedPostgresCatalogue(session: SchemaSession, tables: readonly Table[]): Promise<Catalogue> {
  const undo = new Error('the scratch tables are taken back');
  let catalogue: Catalogue | undefined;
  try {
    await session.transaction(async () => {
      await session.execute('SET LOCAL search_path TO pg_temp');
      for (const statement of tables.flatMap((table) => createTableSql(table, 'postgres')))
        await session.execute(statement);
      catalogue = await readSchema(session, sql`pg_my_temp_schema()`);
      throw undo;
    });
  } catch (error) {
    if (error !== undo) throw error;
  }
  const { tables: made, others } = catalogue ?? { tables: [], others: [] };
  return { tables: made.map((table) => ({ ...table, facts: { ...table.facts, persistence: 'permanent' } })), others };
}

async function readSchema(session: SchemaSession, schema: Sql): Promise<Catalogue> {
  const relations = await session.query(relationsSql(schema));
  const parts = [
    ...(await session.query(columnsSql(schema))).map(columnPart),
    ...(await session.query(constraintsSql(schema))).map(constraintPart),
    ...(await session.query(indexesSql(schema))).map(indexPart),
    ...(await session.query(actorsSql(schema))).map(actorPart),
  ];
  const tables: CatalogueTable[] = [];
  const others: OtherRelation[] = [];
  for (const row of relations) {
    const name = text(row, 'name');
    if (text(row, 'kind') !== 'table') others.push({ kind: text(row, 'kind'), name });
    else
      tables.push({
        name,
        facts: tableFacts(row),
        parts: parts.filter(({ table }) => table === name).map(({ part }) => part),
      });
  }
  return { tables, others };
}

interface PlacedPart {
  readonly table: string;
  readonly part: Part;
}

const notOfAnExtension = sql`NOT EXISTS (SELECT 1 FROM pg_depend d WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e')`;

function relationsSql(schema: Sql): Sql {
  return sql`
    SELECT c.relname::text AS name, c.relpersistence::text AS persistence, c.relrowsecurity AS secured,
      CASE c.relkind WHEN 'r' THEN 'table' WHEN 'p' THEN 'partitioned table' WHEN 'v' THEN 'view' WHEN 'm' THEN 'materialized view'
        WHEN 'S' THEN 'sequence' WHEN 'f' THEN 'foreign table' END AS kind,
      EXISTS (SELECT 1 FROM pg_inherits i WHERE i.inhrelid = c.oid OR i.inhparent = c.oid) AS inherits
    FROM pg_class c
    WHERE c.relnamespace = ${schema} AND c.relkind IN ('r', 'p', 'v', 'm', 'S', 'f') AND ${notOfAnExtension}
    ORDER BY 1`;
}

function tableFacts(row: SessionRow): Facts {
  return {
    persistence:
      { p: 'permanent', u: 'unlogged', t: 'temporary' }[text(row, 'persistence')] ?? text(row, 'persistence'),
    ...(row['secured'] === true ? { 'row level security': 'on' } : {}),
    ...(row['inherits'] === true ? { inheritance: 'yes' } : {}),
  };
}

function columnsSql(schema: Sql): Sql {
  return sql`
    SELECT c.relname::text AS table, a.attname::text AS name, format_type(a.atttypid, a.atttypmod) AS type, a.attnotnull AS "notNull",
      pg_get_expr(ad.adbin, ad.adrelid) AS expression, a.attgenerated::text AS generated, a.attidentity::text AS identity,
      CASE WHEN a.attcollation <> t.typcollation THEN co.collname::text END AS collation,
      EXISTS (SELECT 1 FROM pg_constraint k WHERE k.conrelid = a.attrelid AND k.contype = 'n' AND k.conkey = ARRAY[a.attnum] AND NOT k.convalidated) AS unproven
    FROM pg_attribute a
    JOIN pg_class c ON c.oid = a.attrelid
    JOIN pg_type t ON t.oid = a.atttypid
    LEFT JOIN pg_attrdef ad ON ad.adrelid = a.attrelid AND ad.adnum = a.attnum
    LEFT JOIN pg_collation co ON co.oid = a.attcollation
    WHERE c.relnamespace = ${schema} AND c.relkind = 'r' AND a.attnum > 0 AND NOT a.attisdropped
    ORDER BY 1, 2`;
}

function columnPart(row: SessionRow): PlacedPart {
  const expression = row['expression'] === null ? undefined : text(row, 'expression');
  const isGenerated = text(row, 'generated') !== '';
  return placed(row, 'column', {
    type: text(row, 'type'),
    ...(row['collation'] === null ? {} : { collation: text(row, 'collation') }),
    nullable: row['notNull'] === true ? 'no' : 'yes',
    ...(row['unproven'] === true ? { valid: 'no' } : {}),
    ...(expression === undefined ? {} : { [isGenerated ? 'generated' : 'default']: expression }),
    ...(text(row, 'identity') === '' ? {} : { identity: text(row, 'identity') === 'a' ? 'always' : 'by default' }),
  });
}

/** NOT NULL is a fact of its column, also since PostgreSQL 18, which lists it as a constraint. */
function constraintsSql(schema: Sql): Sql {
  return sql`
    SELECT c.relname::text AS table, k.conname::text AS name, k.contype::text AS kind, k.convalidated AS valid, k.condeferrable AS deferrable,
      k.condeferred AS deferred, k.confupdtype::text AS "onUpdate", k.confdeltype::text AS "onDelete", k.confmatchtype::text AS match,
      k.connoinherit AS "noInherit", target.relname::text AS target, pg_get_constraintdef(k.oid) AS definition,
      CASE WHEN k.contype = 'c' THEN pg_get_expr(k.conbin, k.conrelid) END AS condition,
      (SELECT string_agg(a.attname::text, ', ' ORDER BY n.at) FROM unnest(k.conkey) WITH ORDINALITY AS n (num, at)
        JOIN pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = n.num) AS columns,
      (SELECT string_agg(a.attname::text, ', ' ORDER BY n.at) FROM unnest(k.confkey) WITH ORDINALITY AS n (num, at)
        JOIN pg_attribute a ON a.attrelid = k.confrelid AND a.attnum = n.num) AS "targetColumns",
      target.relnamespace = c.relnamespace AS "targetIsNear",
      coalesce((to_jsonb(k) ->> 'conenforced')::boolean, true)
        AND NOT EXISTS (SELECT 1 FROM pg_trigger t WHERE t.tgconstraint = k.oid AND t.tgenabled <> 'O') AS enforced
    FROM pg_constraint k
    JOIN pg_class c ON c.oid = k.conrelid
    LEFT JOIN pg_class target ON target.oid = k.confrelid
    WHERE c.relnamespace = ${schema} AND c.relkind = 'r' AND k.contype <> 'n' AND k.contype <> 't'
    ORDER BY 1, 2`;
}

const ACTIONS: Readonly<Record<string, string>> = {
  a: 'no action',
  r: 'restrict',
  c: 'cascade',
  n: 'set null',
  d: 'set default',
};

function constraintPart(row: SessionRow): PlacedPart {
  const kind = text(row, 'kind');
  const state: Facts = {
    ...(row['valid'] === true ? {} : { valid: 'no' }),
    ...(row['enforced'] === true ? {} : { enforced: 'no' }),
    ...(row['deferrable'] === true ? { deferrable: row['deferred'] === true ? 'initially deferred' : 'yes' } : {}),
  };
  if (kind === 'c')
    return placed(row, 'check', {
      condition: text(row, 'condition'),
      ...(row['noInherit'] === true ? { inherited: 'no' } : {}),
      ...state,
    });
  if (kind === 'p') return placed(row, 'primary key', { columns: text(row, 'columns'), ...state });
  if (kind === 'u') return placed(row, 'unique constraint', { columns: text(row, 'columns'), ...state });
  if (kind !== 'f') return placed(row, 'constraint', { definition: text(row, 'definition'), ...state });
  const elsewhere = row['targetIsNear'] === true ? '' : ' in another schema';
  return placed(row, 'foreign key', {
    columns: text(row, 'columns'),
    references: `${text(row, 'target')} (${text(row, 'targetColumns')})${elsewhere}`,
    'on delete': ACTIONS[text(row, 'onDelete')] ?? text(row, 'onDelete'),
    'on update': ACTIONS[text(row, 'onUpdate')] ?? text(row, 'onUpdate'),
    ...(text(row, 'match') === 's' ? {} : { match: text(row, 'match') }),
    ...state,
  });
}

/** Indexes that no constraint of the table owns. */
function indexesSql(schema: Sql): Sql {
  return sql`
    SELECT c.relname::text AS table, i.relname::text AS name, am.amname::text AS method, x.indisunique AS unique, x.indisvalid AND x.indisready AS valid,
      pg_get_expr(x.indpred, x.indrelid) AS predicate, coalesce((to_jsonb(x) ->> 'indnullsnotdistinct')::boolean, false) AS "nullsEqual",
      (SELECT string_agg(pg_get_indexdef(x.indexrelid, n, true)
          || CASE WHEN coll.collname IS NOT NULL AND x.indcollation[n - 1] <> coalesce(a.attcollation, 0) THEN ' collate ' || coll.collname ELSE '' END
          || CASE WHEN NOT op.opcdefault THEN ' ' || op.opcname ELSE '' END
          || CASE x.indoption[n - 1] & 3 WHEN 1 THEN ' desc nulls last' WHEN 2 THEN ' nulls first' WHEN 3 THEN ' desc' ELSE '' END, ', ' ORDER BY n)
        FROM generate_series(1, x.indnkeyatts) AS n
        JOIN pg_opclass op ON op.oid = x.indclass[n - 1]
        LEFT JOIN pg_collation coll ON coll.oid = x.indcollation[n - 1]
        LEFT JOIN pg_attribute a ON a.attrelid = x.indrelid AND a.attnum = x.indkey[n - 1] AND a.attnum > 0) AS columns,
      (SELECT string_agg(pg_get_indexdef(x.indexrelid, n, true), ', ' ORDER BY n) FROM generate_series(x.indnkeyatts + 1, x.indnatts) AS n) AS includes
    FROM pg_index x
    JOIN pg_class i ON i.oid = x.indexrelid
    JOIN pg_class c ON c.oid = x.indrelid
    JOIN pg_am am ON am.oid = i.relam
    WHERE c.relnamespace = ${schema} AND c.relkind = 'r'
      AND NOT EXISTS (SELECT 1 FROM pg_constraint k WHERE k.conindid = i.oid AND k.conrelid = c.oid AND k.contype IN ('p', 'u', 'x'))
    ORDER BY 1, 2`;
}

function indexPart(row: SessionRow): PlacedPart {
  return placed(row, 'index', {
    columns: text(row, 'columns'),
    unique: row['unique'] === true ? 'yes' : 'no',
    ...(row['predicate'] === null ? {} : { where: text(row, 'predicate') }),
    ...(row['includes'] === null ? {} : { includes: text(row, 'includes') }),
    ...(text(row, 'method') === 'btree' ? {} : { method: text(row, 'method') }),
    ...(row['nullsEqual'] === true ? { nulls: 'not distinct' } : {}),
    ...(row['valid'] === true ? {} : { valid: 'no' }),
  });
}

/** What acts behind the door. */
function actorsSql(schema: Sql): Sql {
  return sql`
    SELECT c.relname::text AS table, t.tgname::text AS name, 'trigger' AS kind FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid
      WHERE c.relnamespace = ${schema} AND NOT t.tgisinternal
    UNION ALL
    SELECT c.relname::text, r.rulename::text, 'rule' FROM pg_rewrite r JOIN pg_class c ON c.oid = r.ev_class
      WHERE c.relnamespace = ${schema} AND c.relkind = 'r'
    UNION ALL
    SELECT c.relname::text, p.polname::text, 'policy' FROM pg_policy p JOIN pg_class c ON c.oid = p.polrelid WHERE c.relnamespace = ${schema}`;
}

function actorPart(row: SessionRow): PlacedPart {
  return placed(row, text(row, 'kind') as Part['kind'], {});
}

function placed(row: SessionRow, kind: Part['kind'], facts: Facts): PlacedPart {
  return { table: text(row, 'table'), part: { kind, name: text(row, 'name'), facts } };
}

function text(row: SessionRow, column: string): string {
  return String(row[column] ?? '');
}
