// SIGTERM under load, a real server and real connections: whoever looks at readiness loses no request, and no acknowledged write is lost.
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { moments, TEST_MS_MAX } from '../crash/rounds.js';
import { Look } from '../crash/look.js';
import { ServerProcess } from '../crash/server-process.js';
import { type KillableStore, killableStore } from '../crash/stores.js';
import { ENGINES } from '../support/each-store.js';
import { share } from '../support/share.js';
import { Traffic } from './traffic.js';

const ROUNDS = share({ test: 2, prove: 20 });
/** Many times what the balancer takes to notice; more where a machine is so slow that it is not. */
const DELAY_MS = 3_000;
const DELAY_MS_MAX = 48_000;

describe.each(ENGINES)('on %s', (engine) => {
  let store: KillableStore;
  beforeAll(async () => {
    store = await killableStore(engine);
  });
  afterAll(() => store.dispose());

  it(
    `200 requests a second lose nothing when the server is asked to end, ${ROUNDS} times`,
    { timeout: TEST_MS_MAX },
    async () => {
      const random = moments();
      const seen = { answered: 0, unready: 0, last: 0 };
      let delay = DELAY_MS;
      let round = 0;
      while (round < ROUNDS) {
        const environment = { ...store.environment, SHUTDOWN_DELAY_MS: String(delay), SHUTDOWN_GRACE_MS: '60000' };
        const server = await ServerProcess.start(environment, store.key);
        const opened = await server.client.post('/v1/accounts', {
          kind: 'manual',
          name: `round ${round}`,
          currency: 'USD',
        });
        const traffic = new Traffic(server.port, store.key, `round-${round}-${delay}`, opened.body.id as string);
        await traffic.start();
        await sleep(400 + random() * 400);
        const asked = performance.now();
        server.send('SIGTERM');
        await traffic.left();
        const { code, stderr } = await server.end();
        // Who has not looked at readiness within the delay was promised nothing.
        if (traffic.leftAt - asked > delay && delay < DELAY_MS_MAX) {
          delay *= 2;
          continue;
        }

        expect({ round, code, stderr, faults: traffic.faults }).toEqual({ round, code: 0, stderr: '', faults: [] });
        seen.answered += traffic.answered;
        seen.unready += traffic.answeredUnready;
        seen.last += traffic.lastOnes;
        expect(await missingIn(store, traffic.acknowledged)).toEqual([]);
        round += 1;
      }
      // Else it was no test: there was traffic, and it was served while readiness was off.
      expect(seen.answered).toBeGreaterThan(seen.unready);
      expect(seen.unready).toBeGreaterThan(ROUNDS);
      expect(seen.last).toBeGreaterThan(ROUNDS);
    },
  );
});

/** Those of the lines that the store does not hold. */
async function missingIn({ settings }: KillableStore, externalIds: readonly string[]): Promise<string[]> {
  const look = await Look.at(settings);
  const there = await look.everything();
  await look.close();
  return externalIds.filter((id) => !there.includes(`"${id}"`));
}
