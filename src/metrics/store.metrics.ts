// The ways to the store, and what is asked of it: kept by the door itself, so that it costs no question and is there when the store is not.
import { Counter, Histogram, type Registry } from 'prom-client';
import { type Database } from '../database/database.js';
import { type Engine, type PoolLoad } from '../database/engine.js';
import { type StatementWatch } from '../database/statement-log.js';
import { type StoreCondition } from '../database/store-condition.js';
import { counter, gauge, known, type Sample } from './instruments.js';
import { type Reading } from './reading.js';

/** Longer than a scrape waits for the store: an older answer was given to another one. */
const ANSWER_SECONDS_MAX = 3;
const SECONDS = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1, 5];

export interface StoreSources {
  readonly engine: Engine;
  readonly database: Database;
  readonly statements: StatementWatch;
  readonly condition: Reading<StoreCondition>;
}

export function registerStore(registry: Registry, { engine, database, statements, condition }: StoreSources): void {
  registerCondition(registry, condition);
  registerPools(registry, engine);
  registerStatements(registry, statements);
  const { tally } = database;
  counter(
    registry,
    {
      name: 'passbook_store_refusals_total',
      help: 'Reads and writes that the store refused, by code; `store_busy`: no connection or turn came free in time.',
      labels: ['code'],
    },
    () => [...tally.refusals].map(([code, count]) => [count, { code }]),
  );
  counter(
    registry,
    {
      name: 'passbook_store_retries_total',
      help: 'Attempts that failed for a passing reason, such as a deadlock, and were repeated.',
    },
    () => [[tally.retries]],
  );
}

function registerCondition(registry: Registry, condition: Reading<StoreCondition>): void {
  const answer = (): StoreCondition | undefined => {
    const { age = Infinity, value } = condition;
    return age < ANSWER_SECONDS_MAX && value?.reachable === true ? value : undefined;
  };
  gauge(
    registry,
    { name: 'passbook_store_up', help: 'Whether the store answered this very scrape in time: 1 or 0.' },
    () => [[answer() === undefined ? 0 : 1]],
  );
  gauge(
    registry,
    { name: 'passbook_store_pending_migrations', help: 'Migrations that this program needs and the store lacks.' },
    () => known(answer(), ({ pending }) => pending),
  );
}

function registerPools(registry: Registry, engine: Engine): void {
  const each = (name: string, help: string, of: (load: PoolLoad) => number): void =>
    gauge(registry, { name, help, labels: ['pool'] }, (): readonly Sample<'pool'>[] =>
      engine.loads().map((load) => [of(load), { pool: load.name }]),
    );
  each('passbook_store_connections_max', 'How many may be at work at a time.', ({ max }) => max);
  each('passbook_store_connections_open', 'Connections that are open.', ({ open }) => open);
  each('passbook_store_connections_in_use', 'Connections that are at work.', ({ inUse }) => inUse);
  each('passbook_store_waiting', 'Who waits for a connection, or for the turn to write.', ({ waiting }) => waiting);
}

function registerStatements(registry: Registry, statements: StatementWatch): void {
  const registers = [registry];
  const labelNames = ['operation'] as const;
  const durations = new Histogram({
    name: 'passbook_store_statement_duration_seconds',
    help: 'How long statements took, by verb and first table.',
    labelNames,
    buckets: SECONDS,
    registers,
  });
  const slow = new Counter({
    name: 'passbook_store_slow_statements_total',
    help: 'Statements that took `DB_SLOW_QUERY_MS` or longer, by verb and first table.',
    labelNames,
    registers,
  });
  statements.observe((operation, tookMs, isSlow) => {
    durations.observe({ operation }, tookMs / 1_000);
    if (isSlow) slow.inc({ operation });
  });
}
