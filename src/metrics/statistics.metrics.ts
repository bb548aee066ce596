// What the store says of itself when it is asked: sizes, room, indexes. Half a minute old at most while it answers, and of the last time when not.
import { type Registry } from 'prom-client';
import {
  type FileStatistics,
  type IndexStatistics,
  type ServerStatistics,
  type StoreStatistics,
  type TableStatistics,
} from '../database/statistics.js';
import { counter, gauge, known, type Sample } from './instruments.js';
import { type Reading } from './reading.js';

/** In docs/metrics.md it says where a metric has values. */
const POSTGRES_ONLY = 'PostgreSQL only.';
const SQLITE_ONLY = 'SQLite only.';

export function registerStatistics(registry: Registry, statistics: Reading<StoreStatistics>): void {
  gauge(
    registry,
    {
      name: 'passbook_store_statistics_age_seconds',
      help: 'How old the numbers are that the store is asked for: sizes, tables, indexes, its own counts.',
    },
    () => known(statistics.age, (age) => age),
  );
  gauge(
    registry,
    { name: 'passbook_store_size_bytes', help: 'The database, or the file with what is not yet part of it.' },
    () => known(statistics.value, ({ sizeBytes }) => sizeBytes),
  );
  gauge(
    registry,
    { name: 'passbook_store_cache_max_bytes', help: 'What the store may keep of itself in memory.' },
    () => known(statistics.value, ({ cacheMaxBytes }) => cacheMaxBytes),
  );
  registerFile(registry, () => statistics.value?.file);
  registerServer(registry, () => statistics.value?.server);
  registerTables(registry, () => statistics.value?.tables ?? []);
  registerIndexes(registry, () => statistics.value?.indexes ?? []);
}

function registerFile(registry: Registry, file: () => FileStatistics | undefined): void {
  const each = (name: string, help: string, of: (file: FileStatistics) => number): void =>
    gauge(registry, { name, help: `${help} ${SQLITE_ONLY}` }, () => known(file(), of));
  each('passbook_store_wal_bytes', 'Written, and not yet part of the file.', ({ walBytes }) => walBytes);
  each('passbook_store_unused_bytes', 'Part of the file, and free for what comes.', ({ unusedBytes }) => unusedBytes);
  each('passbook_store_disk_free_bytes', 'Room left where the file lies.', ({ diskFreeBytes }) => diskFreeBytes);
}

function registerServer(registry: Registry, server: () => ServerStatistics | undefined): void {
  const each = (make: typeof gauge, name: string, help: string, of: (server: ServerStatistics) => number): void =>
    make(registry, { name, help: `${help} ${POSTGRES_ONLY}` }, () => known(server(), of));
  each(gauge, 'passbook_store_server_connections', "Connections of anybody's to the server.", (of) => of.connections);
  each(gauge, 'passbook_store_server_connections_max', 'How many it takes.', (of) => of.connectionsMax);
  each(
    gauge,
    'passbook_store_oldest_transaction_seconds',
    'How long ago the oldest transaction began, of those that may be seen.',
    (of) => of.oldestTransactionSeconds,
  );
  each(counter, 'passbook_store_cache_hits_total', "Pages found in the server's cache.", (of) => of.cacheHits);
  each(counter, 'passbook_store_cache_misses_total', 'Pages that were not.', (of) => of.cacheMisses);
  each(counter, 'passbook_store_deadlocks_total', 'Deadlocks that the server broke.', (of) => of.deadlocks);
  each(
    counter,
    'passbook_store_temporary_bytes_total',
    'Written to the disk because it did not fit into memory.',
    (of) => of.temporaryBytes,
  );
}

function registerTables(registry: Registry, tables: () => readonly TableStatistics[]): void {
  const each = (name: string, help: string, of: (table: TableStatistics) => number): void =>
    gauge(registry, { name, help: `${help} ${POSTGRES_ONLY}`, labels: ['table'] }, (): readonly Sample<'table'>[] =>
      tables().map((table) => [of(table), { table: table.table }]),
    );
  each('passbook_table_size_bytes', 'Without its indexes.', ({ sizeBytes }) => sizeBytes);
  each('passbook_table_index_bytes', 'All its indexes.', ({ indexBytes }) => indexBytes);
  each('passbook_table_rows', 'As the server estimates.', ({ rows }) => rows);
  each(
    'passbook_table_dead_rows',
    'As the server estimates: gone, and not yet swept away.',
    ({ deadRows }) => deadRows,
  );
  counter(
    registry,
    {
      name: 'passbook_table_scans_total',
      help: `How often it was read from its beginning, or by an index. ${POSTGRES_ONLY}`,
      labels: ['table', 'by'],
    },
    (): readonly Sample<'table' | 'by'>[] =>
      tables().flatMap(({ table, tableScans, indexScans }): Sample<'table' | 'by'>[] => [
        [tableScans, { table, by: 'table' }],
        [indexScans, { table, by: 'index' }],
      ]),
  );
}

function registerIndexes(registry: Registry, indexes: () => readonly IndexStatistics[]): void {
  const labels = ['table', 'index'] as const;
  gauge(
    registry,
    { name: 'passbook_index_size_bytes', help: `Its size. ${POSTGRES_ONLY}`, labels },
    (): readonly Sample<'table' | 'index'>[] =>
      indexes().map(({ table, index, sizeBytes }) => [sizeBytes, { table, index }]),
  );
  counter(
    registry,
    { name: 'passbook_index_scans_total', help: `How often it was used. ${POSTGRES_ONLY}`, labels },
    (): readonly Sample<'table' | 'index'>[] => indexes().map(({ table, index, scans }) => [scans, { table, index }]),
  );
}
