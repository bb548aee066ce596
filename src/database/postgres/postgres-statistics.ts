// Statistics of a PostgreSQL database, over one connection of the pool.
import { type Connection, type Engine } from '../engine.js';
import { type StoreStatistics } from '../statistics.js';

/** Sizes wait for a table that is being changed: not for long, because a connection is held meanwhile. */
const LIMITS_SQL = "SELECT set_config('lock_timeout', '250', true), set_config('statement_timeout', '5000', true)";
const TABLES_MAX = 50;
const INDEXES_MAX = 150;

const DATABASE = {
  sizeBytes: 'pg_database_size(d.datname)',
  cacheMaxBytes: "pg_size_bytes(current_setting('shared_buffers'))",
  cacheHits: 'd.blks_hit',
  cacheMisses: 'd.blks_read',
  deadlocks: 'd.deadlocks',
  temporaryBytes: 'd.temp_bytes',
  connections: "(SELECT COUNT(*) FROM pg_stat_activity a WHERE a.backend_type = 'client backend')",
  connectionsMax: "current_setting('max_connections')",
  oldestTransactionSeconds: `(SELECT COALESCE(MAX(extract(epoch FROM clock_timestamp() - a.xact_start)), 0)
    FROM pg_stat_activity a WHERE a.datname = d.datname AND a.pid <> pg_backend_pid())`,
} as const;
const TABLE = {
  sizeBytes: 'pg_table_size(t.relid)',
  indexBytes: 'pg_indexes_size(t.relid)',
  rows: 't.n_live_tup',
  deadRows: 't.n_dead_tup',
  tableScans: 't.seq_scan',
  indexScans: 'COALESCE(t.idx_scan, 0)',
} as const;
const INDEX = { sizeBytes: 'pg_relation_size(i.indexrelid)', scans: 'i.idx_scan' } as const;

const FROM_DATABASE = 'FROM pg_stat_database d WHERE d.datname = current_database()';
const FROM_TABLES = 'FROM pg_stat_user_tables t WHERE t.schemaname = current_schema()';
const FROM_INDEXES = 'FROM pg_stat_user_indexes i WHERE i.schemaname = current_schema()';

export function postgresStatistics(engine: Engine): Promise<StoreStatistics> {
  return engine.snapshot(async (connection) => {
    await connection.query(LIMITS_SQL, []);
    const [{ numbers }] = (await read(connection, [], DATABASE, FROM_DATABASE)) as [Read<keyof typeof DATABASE>];
    const { sizeBytes, cacheMaxBytes, ...server } = numbers;
    const byTable = await read(connection, ['t.relname'], TABLE, `${FROM_TABLES} ORDER BY 2 DESC LIMIT ${TABLES_MAX}`);
    const byIndex = await read(
      connection,
      ['i.relname', 'i.indexrelname'],
      INDEX,
      `${FROM_INDEXES} ORDER BY 3 DESC LIMIT ${INDEXES_MAX}`,
    );
    return {
      sizeBytes,
      cacheMaxBytes,
      file: undefined,
      server,
      tables: byTable.map(({ names: [table = ''], numbers: of }) => ({ table, ...of })),
      indexes: byIndex.map(({ names: [table = '', index = ''], numbers: of }) => ({ table, index, ...of })),
    };
  });
}

interface Read<Name extends string> {
  readonly names: readonly string[];
  readonly numbers: Readonly<Record<Name, number>>;
}

async function read<Name extends string>(
  connection: Connection,
  names: readonly string[],
  numbers: Readonly<Record<Name, string>>,
  from: string,
): Promise<Read<Name>[]> {
  const wanted = Object.entries<string>(numbers);
  const columns = [...names, ...wanted.map(([, expression]) => expression)];
  const rows = await connection.query(`SELECT ${columns.join(', ')} ${from}`, []);
  return rows.map((row) => ({
    names: row.slice(0, names.length).map(String),
    numbers: Object.fromEntries(
      wanted.map(([name], index) => [name, Number(row[names.length + index])]),
    ) as Read<Name>['numbers'],
  }));
}
