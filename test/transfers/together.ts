// Requests that stand in one batch, on purpose: they come while another one is held just before its commit.
import { setImmediate as nextTurn } from 'node:timers/promises';
import { Database } from '../../src/database/database.js';
import { Batches } from '../../src/transfers/batches.js';
import { Gate } from '../support/gate.js';
import { type Answer, type TestApp } from '../support/test-app.js';

type Send = () => Promise<Answer>;

/** @param ahead moves money and is done first, alone. The others wait for it, and are judged in the order in which they were sent. */
export async function together(app: TestApp, ahead: Send, sends: readonly Send[]): Promise<Answer[]> {
  const reached = new Gate();
  const gate = new Gate();
  const forget = app.app.get(Database).observe(async (_, { entity }) => {
    if (entity.name !== 'chain_heads') return;
    forget();
    reached.open();
    await gate.passed;
  });
  try {
    const first = ahead();
    await Promise.race([reached.passed, first]);
    let ended = 0;
    const answers: Promise<Answer>[] = [];
    for (const send of sends) {
      answers.push(send().finally(() => (ended += 1)));
      while (waitingIn(app) + ended < answers.length) await nextTurn();
    }
    gate.open();
    await first;
    return await Promise.all(answers);
  } finally {
    gate.open();
    forget();
  }
}

function waitingIn(app: TestApp): number {
  const { coalescer } = app.app.get(Batches) as unknown as { coalescer: { waiting: readonly { deed: object }[] } };
  // The service’s own, which lets expired holds go, is no instance of a class.
  return coalescer.waiting.filter(({ deed }) => deed.constructor !== Object).length;
}
