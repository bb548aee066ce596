// Two writers in each other's way, on purpose: the first is stopped between its write and its commit, until the second has run into it.
import { setTimeout as sleep } from 'node:timers/promises';
import { Database } from '../../src/database/database.js';
import { Gate } from './gate.js';
import { type Answer, type TestApp } from './test-app.js';

/** Long enough for a second writer that nothing stops to be done. */
const LOOK_MS = 250;

export interface Clash {
  readonly first: Answer;
  readonly second: Answer;
  /** Whether the second had its answer while the first had not committed. */
  readonly secondWasFirst: boolean;
}

/** Runs `first` up to where it has written to `table`, then `second` for a while, then lets both end. */
export async function clash(
  app: TestApp,
  table: string,
  first: () => Promise<Answer>,
  second: () => Promise<Answer>,
): Promise<Clash> {
  const reached = new Gate();
  const gate = new Gate();
  let isHeld = false;
  const forget = app.app.get(Database).observe(async (_, { entity }) => {
    if (isHeld || entity.name !== table) return;
    isHeld = true;
    reached.open();
    await gate.passed;
  });
  try {
    const one = first();
    await Promise.race([reached.passed, one]);
    let isAnswered = false;
    const other = second().finally(() => (isAnswered = true));
    await sleep(LOOK_MS);
    const secondWasFirst = isAnswered;
    gate.open();
    return { first: await one, second: await other, secondWasFirst };
  } finally {
    gate.open();
    forget();
  }
}
