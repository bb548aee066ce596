// Months at the sandbox bank, in which lines are pending, post, change and go: who follows the feed holds what is there after every sync.
import { afterAll, beforeAll, expect, it } from 'vitest';
import { enroll, trySync } from '../feeds/linking.js';
import { bodyOf } from '../support/builders.js';
import { eachStore } from '../support/each-store.js';
import { share } from '../support/share.js';
import { TestApp } from '../support/test-app.js';
import { expectWhole, Follower } from './follower.js';

const HOUR_MS = 3_600_000;
/** Hours from one sync to the next. */
const WAITS = [1, 12, 24, 30, 48, 5, 96, 24, 168, 336, 36, 500];
const ROUNDS = share({ test: 1, prove: 6 });
/** One where pending lines go and come under other ids, and one that limits its questions. */
const INSTITUTIONS = ['harbor_bank', 'pearl_trust'];

eachStore((store) => {
  let app: TestApp;
  beforeAll(async () => {
    app = await TestApp.start(store);
  });
  afterAll(() => app.stop());

  it('a follower’s lines are the bank’s after every sync', { timeout: 3_600_000 }, async () => {
    const enrollments = [];
    for (const [index, institutionId] of INSTITUTIONS.entries())
      enrollments.push(await enroll(app, { institutionId, owner: ['ann', 'bob'][index] }));
    const key = await app.keyFor({ owner: 'ann', scope: 'read' });
    const followers = [
      new Follower(app, { name: 'all', limit: 500 }),
      new Follower(app, { name: 'of ann', key, limit: 100 }),
      new Follower(app, { name: 'lines of bob', owner: 'bob', object: 'transaction', limit: 500 }),
    ];
    const seldom = new Follower(app, { name: 'seldom', limit: 500 });
    const told = { added: 0, modified: 0, removed: 0 };
    for (const wait of Array.from({ length: ROUNDS }, () => WAITS).flat()) {
      app.clock.advance(wait * HOUR_MS);
      const { cursor } = followers[0]!;
      for (const enrollment of enrollments) expect((await trySync(app, enrollment)).status).toBe(200);
      const [line] = (await bodyOf(app.get('/v1/transactions?status=pending&limit=1'))).data;
      if (line !== undefined) await bodyOf(app.patch(`/v1/transactions/${line.id}`, { notes: `after ${wait}` }));
      const { data } = await followers[0]!.ask(cursor);
      for (const { change } of data) told[change as keyof typeof told] += 1;
      await expectWhole(app, followers);
    }
    await expectWhole(app, [seldom]);
    for (const count of Object.values(told)) expect(count).toBeGreaterThan(0);
  });
});
