// Doing what is due, as the service does by itself every few seconds.
import { SyncSchedule } from '../../../src/feeds/sync/sync-schedule.js';
import { type TestApp } from '../../support/test-app.js';

const TICKS_MAX = 60;

/** Answers how many syncs were begun, once they have ended. One that was under way before is not waited for: it may wait for this. */
export async function tick(app: TestApp): Promise<number> {
  const schedule = app.app.get(SyncSchedule);
  const begun = await schedule.tick();
  if (begun > 0) await schedule.settled();
  return begun;
}

/** @param next whose turn it is to look, each time */
export async function doAllThatIsDue(next: () => Promise<TestApp>): Promise<void> {
  for (let ticks = 0; ticks < TICKS_MAX; ticks += 1) if ((await tick(await next())) === 0) return;
  throw new Error('Something is due again and again.');
}
