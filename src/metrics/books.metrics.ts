// What the rows themselves tell, of the whole installation: counted now and then, and the same in every process. Nobody's name is in it.
import { type Registry } from 'prom-client';
import { type ApiKeysRepository } from '../auth/api-keys.repository.js';
import { lastPosition } from '../changes/change-log.js';
import { type Clock, epochMsOf } from '../common/clock.js';
import { type Database } from '../database/database.js';
import { ofEveryOwner } from '../database/scope.js';
import { type EnrollmentCount, type EnrollmentsRepository } from '../feeds/stored/enrollments.repository.js';
import { type SyncTurnsRepository } from '../feeds/turns/sync-turns.repository.js';
import { counter, gauge, known } from './instruments.js';
import { type Reading } from './reading.js';

const EVERYBODYS = ofEveryOwner('metrics are of the whole installation');

export interface Books {
  readonly enrollments: readonly EnrollmentCount[];
  /** For how long the enrollment that has waited longest has been due, in seconds. */
  readonly overdueSeconds: number;
  readonly keys: readonly { readonly scope: string; readonly count: number }[];
  readonly position: number;
}

export interface BookSources {
  readonly database: Database;
  readonly enrollments: EnrollmentsRepository;
  readonly turns: SyncTurnsRepository;
  readonly keys: ApiKeysRepository;
  readonly clock: Clock;
}

export function readBooks({ database, enrollments, turns, keys, clock }: BookSources): Promise<Books> {
  const now = clock.now();
  return database.read(EVERYBODYS, async (reader) => {
    const due = await turns.oldestDue(reader, now);
    return {
      enrollments: await enrollments.countByStatus(reader),
      overdueSeconds: due === undefined ? 0 : (epochMsOf(now) - epochMsOf(due)) / 1_000,
      keys: await keys.countValid(reader, now),
      position: Number(await lastPosition(reader)),
    };
  });
}

export function registerBooks(registry: Registry, books: Reading<Books>): void {
  gauge(
    registry,
    { name: 'passbook_enrollments', help: 'Enrollments, by feed and status.', labels: ['feed', 'status'] },
    () => (books.value?.enrollments ?? []).map(({ feed, status, count }) => [count, { feed, status }] as const),
  );
  gauge(
    registry,
    {
      name: 'passbook_sync_overdue_seconds',
      help: 'For how long the enrollment that has waited longest for its sync has been due; 0 where none is.',
    },
    () => known(books.value, ({ overdueSeconds }) => overdueSeconds),
  );
  gauge(registry, { name: 'passbook_api_keys', help: 'Keys that are valid, by scope.', labels: ['scope'] }, () =>
    (books.value?.keys ?? []).map(({ scope, count }) => [count, { scope }] as const),
  );
  counter(
    registry,
    { name: 'passbook_changes_total', help: 'Changes that have a place in the change feed: the last place given.' },
    () => known(books.value, ({ position }) => position),
  );
}
