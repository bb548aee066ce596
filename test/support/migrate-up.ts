// Brings a test's store to the newest schema, in this process.
import { SystemClock } from '../../src/common/clock.js';
import { type Settings } from '../../src/config/settings.js';
import { up } from '../../src/database/schema/runner.js';
import { openSession } from '../../src/database/schema/open-session.js';
import { MIGRATIONS } from '../../migrations/index.js';

export async function migrateUp(settings: Settings): Promise<void> {
  const session = await openSession(settings, { intent: 'make', patienceMs: 10_000 });
  try {
    await up(session, MIGRATIONS, {
      appliedBy: 'test',
      clock: new SystemClock(),
      waitMs: 30_000,
      tell: () => undefined,
    });
  } finally {
    await session.close();
  }
}
