// Teller waits for a second: a store that is slow or away is said so before, and what nobody was told is taken is not taken afterwards.
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { readSettings } from '../../../src/config/settings.js';
import { Database } from '../../../src/database/database.js';
import { TellerWebhooksService } from '../../../src/feeds/teller/teller-webhooks.service.js';
import { type Answer, TestApp } from '../../support/test-app.js';
import { expectRefusal } from '../../support/builders.js';
import { type Engine, ENGINES, makeStore, type TestStore } from '../../support/each-store.js';
import { Gate } from '../../support/gate.js';
import { migrateUp } from '../../support/migrate-up.js';
import { type RunningPostgres, startPostgres } from '../../support/postgres.js';
import { type Webhook } from './fake-teller/webhooks.js';
import { dueByWebhook, forgetAll, linked, processed, receipts, send, TELLER, webhook } from './webhook-sending.js';

const TIMES_MAX = 100;
/** The time that a store is given unless it is said otherwise. */
const { TELLER_WEBHOOK_TIMEOUT_MS: _long, ...AS_DEFAULT } = TELLER;

function expectNotTaken(answer: Answer): void {
  expectRefusal(answer, 503, 'webhook_not_taken');
  expect(Number(answer.headers['retry-after'])).toBeGreaterThan(0);
}

/** As Teller does: again, where it could not be taken. */
async function sendUntilTaken(app: TestApp, said: Webhook): Promise<Answer> {
  for (let times = 1; ; times++) {
    const answer = await send(app, said);
    if (answer.status !== 503 || times === TIMES_MAX) return answer;
  }
}

describe.each(ENGINES)('on a slow %s', (engine) => {
  let store: TestStore;
  let app: TestApp;
  beforeAll(async () => {
    store = await makeStore(engine, AS_DEFAULT);
    app = await TestApp.start(store);
    await linked(app, { enrollment: 'enr_1', account: 'acc_1' });
  });
  afterAll(async () => {
    await app.stop();
    await store.dispose();
  });
  beforeEach(() => forgetAll(app));

  /** Stops whoever writes to a table, until it is let go. */
  function hold(table: string): { held: Gate; release: Gate } {
    const [held, release] = [new Gate(), new Gate()];
    const forget = app.app.get(Database).observe(async (_, { entity }) => {
      if (entity.name !== table) return;
      held.open();
      await release.passed;
    });
    void release.passed.then(forget);
    return { held, release };
  }

  /** What nobody waits for any more is at its end, too. */
  async function allEnded(): Promise<void> {
    const { waiting } = app.app.get(TellerWebhooksService, { strict: false });
    await expect.poll(() => waiting.count, { timeout: 20_000 }).toBe(0);
  }

  it.each(['webhook_receipts', 'sync_turns'])(
    'answers while %s is being written, and takes nothing after that',
    async (table) => {
      const { held, release } = hold(table);
      const said = processed(app, 'acc_1');
      const first = send(app, said);
      await held.passed;
      // Waits for the first: for the turn to write, or for the row that it has written.
      const second = send(app, said);
      for (const answer of await Promise.all([first, second])) expectNotTaken(answer);
      release.open();
      // Whatever waited has its turn before this one.
      await allEnded();
      expect(await receipts(app)).toEqual([]);
      expect(await dueByWebhook(app)).toEqual(new Map());
      expect((await send(app, said)).body).toMatchObject({ due: 1 });
      expect((await send(app, said)).status).toBe(409);
    },
  );

  it('lets only so many wait, and takes others again once the store moves', async () => {
    const { held, release } = hold('webhook_receipts');
    const first = send(app, webhook(app, 'webhook.test', { number: 0 }));
    await held.passed;
    const others = Array.from({ length: 100 }, (_, number) => send(app, webhook(app, 'webhook.test', { number })));
    for (const answer of await Promise.all([first, ...others])) expect(answer.status).toBe(503);
    release.open();
    await allEnded();
    expect(await receipts(app)).toEqual([]);
    expect((await sendUntilTaken(app, webhook(app, 'webhook.test'))).status).toBe(200);
  });
});

describe('a PostgreSQL that stands still, and one that is away', () => {
  let postgres: RunningPostgres;
  let app: TestApp;
  beforeAll(async () => {
    postgres = await startPostgres({ config: { fsync: 'off' } });
    const { url } = await postgres.createDatabase();
    const environment = {
      NODE_ENV: 'test',
      DATABASE_URL: url,
      DATABASE_SSLMODE: 'disable',
      SYNC_SCHEDULE: 'false',
      ...AS_DEFAULT,
    };
    const settings = readSettings(environment);
    await migrateUp(settings);
    const engine: Engine = 'postgres';
    app = await TestApp.start({ engine, environment, settings, dispose: () => postgres.dispose() });
    await linked(app, { enrollment: 'enr_1', account: 'acc_1' });
  });
  afterAll(async () => {
    await app.stop();
    await postgres.dispose();
  });

  it('are answered while they are so, and take the same message once they are back', async () => {
    const said = processed(app, 'acc_1');
    postgres.pause();
    for (const answer of await Promise.all([send(app, said), send(app, said)])) expectNotTaken(answer);
    postgres.resume();
    expect((await sendUntilTaken(app, said)).body).toMatchObject({ due: 1 });
    await postgres.stop();
    const other = processed(app, 'acc_1', 'acc_2');
    expectNotTaken(await send(app, other));
    await postgres.start();
    expect((await sendUntilTaken(app, other)).status).toBe(200);
    expect((await sendUntilTaken(app, said)).status).toBe(409);
    expect(await receipts(app)).toHaveLength(2);
  });
});
