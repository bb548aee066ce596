// A store that goes away while a process has a turn to sync, and comes back: that process goes on at once, and no other before the turn's time is up.
import { afterAll, beforeAll, beforeEach, expect, it, vi } from 'vitest';
import { type EnrollmentId } from '../../src/common/ids.js';
import { Settings } from '../../src/config/settings.js';
import { Database } from '../../src/database/database.js';
import { OutcomeUnknown, StoreUnavailable } from '../../src/database/database.errors.js';
import { LEASE_MS } from '../../src/feeds/turns/sync-due.js';
import { SyncSchedule } from '../../src/feeds/sync/sync-schedule.js';
import { SyncTurns } from '../../src/feeds/turns/sync-turns.js';
import { SyncTurnsRepository } from '../../src/feeds/turns/sync-turns.repository.js';
import { bodyOf, expectRefusal } from '../support/builders.js';
import { eachStore } from '../support/each-store.js';
import { TestApp } from '../support/test-app.js';
import { FakeFeed, fakeAccount, fakeLine } from './fake-feed.js';
import { enroll, sync, trySync } from './linking.js';

const FIRST_GRACE_MS = 10_000;

eachStore((store) => {
  let app: TestApp;
  let database: Database;
  /** Of another process. */
  let others: SyncTurns;
  const fake = new FakeFeed();
  let owners = 0;
  let id: EnrollmentId;
  beforeAll(async () => {
    fake.accountsListed = [fakeAccount('a', () => [fakeLine('l1')])];
    app = await TestApp.start(store, undefined, { feeds: [fake] });
    database = app.app.get(Database);
    others = new SyncTurns(database, app.app.get(SyncTurnsRepository), app.clock, app.app.get(Settings));
  });
  beforeEach(async () => {
    id = (await enroll(app, { feed: 'fake', owner: `owner${(owners += 1)}` })).id as EnrollmentId;
    app.clock.advance(FIRST_GRACE_MS);
    return async () => {
      comesBack();
      await bodyOf(app.delete(`/v1/enrollments/${id}`));
    };
  });
  afterAll(() => app.stop());

  const status = () => bodyOf(app.get(`/v1/enrollments/${id}/sync`));
  const tick = async (): Promise<number> => {
    const schedule = app.app.get(SyncSchedule);
    const begun = await schedule.tick();
    await schedule.settled();
    return begun;
  };
  /** Once the bank has been asked so. */
  const goesAwayWhenAsked = (method: string): void => {
    fake.before = (question) => {
      if (question.method === method)
        vi.spyOn(database, 'transact').mockRejectedValue(new StoreUnavailable('The store is away.'));
    };
  };
  const comesBack = (): void => {
    vi.restoreAllMocks();
    fake.before = () => undefined;
  };

  it('its next look goes on with the sync', async () => {
    goesAwayWhenAsked('page');
    expect(await tick()).toBe(1);
    comesBack();
    expect(await status()).toMatchObject({ state: 'running' });
    expect(await others.take(id, 'any')).toBeUndefined();
    expect(await tick()).toBe(1);
    expect(await status()).toMatchObject({ state: 'idle', heldUntil: null, failures: 0, lastError: null });
  });

  it('a sync by hand goes on where it was', async () => {
    goesAwayWhenAsked('page');
    expectRefusal(await trySync(app, { id }), 503, 'store_unavailable');
    comesBack();
    expect(await others.take(id, 'any')).toBeUndefined();
    await sync(app, { id });
    expect(await status()).toMatchObject({ state: 'idle', failures: 0 });
  });

  it('a turn of which it is not known whether it was taken is had again', async () => {
    const transact = database.transact.bind(database);
    vi.spyOn(database, 'transact').mockImplementationOnce(async (scope, work) => {
      await transact(scope, work);
      throw new OutcomeUnknown('The connection was lost during the commit.');
    });
    await expect(app.app.get(SyncTurns).take(id, 'due')).rejects.toThrow(OutcomeUnknown);
    expect(await others.take(id, 'any')).toBeUndefined();
    expect(await tick()).toBe(1);
    expect(await status()).toMatchObject({ state: 'idle', failures: 0 });
  });

  it('one that was given up unheard is given back, unless another has taken it over', async () => {
    const turns = app.app.get(SyncTurns);
    const turn = (await turns.take(id, 'any'))!;
    vi.spyOn(database, 'transact').mockRejectedValue(new StoreUnavailable('The store is away.'));
    await turns.giveUp(turn);
    comesBack();
    app.clock.advance(LEASE_MS);
    const heir = (await others.take(id, 'any'))!;
    expect(heir).toBeDefined();
    await turns.giveBackLeft();
    expect(await turns.take(id, 'any')).toBeUndefined();
    await others.giveUp(heir);
  });
});
