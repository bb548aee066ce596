// Access tokens are kept sealed, show nowhere, and their key is changed while the service goes on.
import { randomBytes } from 'node:crypto';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { UuidV7Source } from '../../src/common/ids.js';
import { type NamedKey } from '../../src/config/feed-settings.js';
import { Secret } from '../../src/config/secret.js';
import { Database } from '../../src/database/database.js';
import { definitionOf } from '../../src/database/schema/entity.js';
import { ENTITIES } from '../../src/entities.js';
import { AccessTokens } from '../../src/feeds/tokens/access-tokens.js';
import { EnrollmentsRepository } from '../../src/feeds/stored/enrollments.repository.js';
import { Enrollment } from '../../src/feeds/stored/enrollment.entity.js';
import { KeyRing } from '../../src/feeds/tokens/key-ring.js';
import { type ResealOptions, TokenReseal } from '../../src/feeds/tokens/token-reseal.js';
import { bodyOf, EVERYBODY, expectRefusal } from '../support/builders.js';
import { eachStore, makeStore, type TestStore } from '../support/each-store.js';
import { keepSecret } from '../support/run-log.js';
import { HeldClock, type TestApp } from '../support/test-app.js';
import { sync, trySync } from './linking.js';
import { type BankEnrollment } from './teller/fake-teller/bank.js';
import { FakeTeller } from './teller/fake-teller/server.js';
import { consentOf, startTellerApp } from './teller/teller-app.js';

const keyOf = (): string => randomBytes(32).toString('base64');
const [OLD, NEW] = [keyOf(), keyOf()];
keepSecret(OLD, NEW);
const named = (...names: readonly ('old' | 'new')[]): string =>
  names.map((name) => `${name}:${name === 'old' ? OLD : NEW}`).join(',');
const ringOf = (...names: readonly ('old' | 'new')[]): KeyRing =>
  new KeyRing(names.map((name): NamedKey => ({ name, key: new Secret(name === 'old' ? OLD : NEW) })));

function reseal(
  app: TestApp,
  options: Partial<ResealOptions> = {},
  ring = ringOf('new', 'old'),
  repository = new EnrollmentsRepository(),
) {
  const resealing = new TokenReseal(app.app.get(Database), repository, new AccessTokens(ring));
  return resealing.run(EVERYBODY, { dryRun: false, ...options });
}

function sealedIn(app: TestApp): Promise<Map<string, string | null>> {
  return app.app.get(Database).read(EVERYBODY, async (reader) => {
    const rows = await reader.rows(Enrollment).find();
    return new Map(rows.map(({ id, accessToken }) => [id, accessToken]));
  });
}

const keysUsed = async (app: TestApp): Promise<string[]> =>
  [...(await sealedIn(app)).values()].flatMap((sealed) => (sealed === null ? [] : [sealed.split('.')[1]!])).sort();

async function setToken(app: TestApp, id: string, accessToken: string | null): Promise<void> {
  const change = { key: { id: id as Enrollment['id'] }, set: { accessToken } };
  await app.app.get(Database).transact(EVERYBODY, (tx) => tx.update(Enrollment, [change]));
}

/** Every column of every row, as a reader of the store's files would find it. */
async function wholeStore(app: TestApp): Promise<string> {
  return app.app.get(Database).read(EVERYBODY, async (reader) => {
    const all: string[] = [];
    for (const entity of ENTITIES) {
      const rows = await reader.rows<object>(entity).find();
      all.push(
        definitionOf(entity).name,
        JSON.stringify(rows, (_, value: unknown) => (typeof value === 'bigint' ? `${value}` : value)),
      );
    }
    return all.join('\n');
  });
}

let teller: FakeTeller;
beforeAll(async () => {
  teller = await FakeTeller.start();
});
afterAll(() => teller.stop());

function consent(): BankEnrollment {
  const account = teller.bank.open();
  account.post({ amount: '-1.00' });
  return teller.bank.enroll([account]);
}

eachStore((store) => {
  let app: TestApp;
  afterEach(() => app.stop());
  /** A server with these keys, once the one before has ended. */
  const start = async (...keys: readonly ('old' | 'new')[]): Promise<TestApp> =>
    (app = await startTellerApp(store, teller, {
      ids: new UuidV7Source(new HeldClock()),
      variables: { ENCRYPTION_KEYS: named(...keys) },
    }));
  const enroll = (bank: BankEnrollment) => bodyOf(app.post('/v1/enrollments', consentOf(bank)));

  it('stand in no row, no answer and no error as they are', async () => {
    await start('old');
    const bank = consent();
    const headers = { 'idempotency-key': `once-${bank.id}` };
    const answers = [await app.post('/v1/enrollments', consentOf(bank), { headers })];
    answers.push(await app.post('/v1/enrollments', consentOf(bank), { headers }));
    const enrollment = answers[0]!.body;
    answers.push(await trySync(app, enrollment));
    bank.disconnect('credentials_invalid');
    answers.push(await trySync(app, enrollment));
    bank.revoke();
    answers.push(await trySync(app, enrollment));
    answers.push(await app.post('/v1/enrollments', consentOf(bank)));
    answers.push(await app.post('/v1/enrollments', { feed: 'teller', consent: { accessToken: bank.token } }));
    answers.push(await app.post('/v1/enrollments', { feed: 'teller', consent: bank.token }));
    for (const url of [`/v1/enrollments/${enrollment.id}`, '/v1/enrollments', '/v1/changes', '/v1/audit'])
      answers.push(await app.get(url));
    const sealed = (await sealedIn(app)).get(enrollment.id)!;
    expect(sealed).toMatch(/^v1\.old\./);
    for (const { text, headers: sent } of answers)
      for (const secret of [bank.token, sealed]) expect(text + JSON.stringify(sent)).not.toContain(secret);
    const store = await wholeStore(app);
    expect(store).toContain(sealed);
    expect(store).not.toContain(bank.token);
    expect(store.split(sealed)).toHaveLength(2);
    expect(store).not.toContain(Buffer.from(`${bank.token}:`).toString('base64'));
  });

  it('that cannot be opened are refused with the name of the key, and open again with it', async () => {
    await start('old');
    const [one, other] = [await enroll(consent()), await enroll(consent())];
    const [sealedOne, sealedOther] = await sealedIn(app).then((all) => [all.get(one.id)!, all.get(other.id)!]);
    await app.stop();
    await start('new');
    const asked = teller.asked.length;
    const refusals = [await trySync(app, one), await app.delete(`/v1/enrollments/${one.id}`)];
    for (const refusal of refusals) {
      expectRefusal(refusal, 503, 'access_token_unreadable');
      expect(refusal.body.detail).toContain('the key old, which ENCRYPTION_KEYS does not name');
    }
    expect(teller.asked.length).toBe(asked);
    await app.stop();
    await start('new', 'old');
    await sync(app, one);
    // Swapped between rows, cut, or made up.
    for (const wrong of [sealedOther!, sealedOne!.slice(0, -4), 'v1.old.AAAA', 'nonsense']) {
      await setToken(app, one.id, wrong);
      expectRefusal(await trySync(app, one), 503, 'access_token_unreadable');
    }
    await setToken(app, one.id, sealedOne!);
    await sync(app, one);
    await sync(app, other);
  });

  describe('are brought under a new key', () => {
    it('all of them, also those that are kept meanwhile; then the old key can go', async () => {
      await start('old');
      const enrollments = [await enroll(consent()), await enroll(consent()), await enroll(consent())];
      const ended = await enroll(consent());
      await bodyOf(app.delete(`/v1/enrollments/${ended.id}`));
      await app.stop();
      await start('new', 'old');
      enrollments.push(await enroll(consent()));
      const before = await bodyOf(app.get('/v1/changes?limit=500'));
      const planned = await reseal(app, { dryRun: true });
      expect(await keysUsed(app)).toContain('old');
      const counts = await reseal(app);
      expect(counts).toEqual(planned);
      expect(counts.resealed).toBeGreaterThanOrEqual(3);
      expect(await reseal(app)).toEqual({ ...counts, resealed: 0 });
      expect(new Set(await keysUsed(app))).toEqual(new Set(['new']));
      // Nothing of anybody's data has changed.
      expect(await bodyOf(app.get('/v1/changes?limit=500'))).toEqual(before);
      await app.stop();
      await start('new');
      for (const enrollment of enrollments) await sync(app, enrollment);
    });

    it('a batch at a time: what was done before a crash stays done, and the rest comes the next time', async () => {
      await start('old');
      for (let nth = 0; nth < 5; nth += 1) await enroll(consent());
      await reseal(app, {}, ringOf('old', 'new'));
      const all = (await keysUsed(app)).length;
      let writes = 0;
      const forget = app.app.get(Database).observe(async () => {
        if ((writes += 1) === 2) throw new Error('killed');
      });
      await expect(reseal(app, { batchRows: 2 })).rejects.toThrow('killed');
      forget();
      expect((await keysUsed(app)).filter((name) => name === 'new')).toHaveLength(2);
      expect(await reseal(app, { batchRows: 2 })).toEqual({ tokens: all, resealed: all - 2, unreadable: [] });
      expect(new Set(await keysUsed(app))).toEqual(new Set(['new']));
    });

    it('but not in place of one that came meanwhile', async () => {
      await start('old');
      const bank = consent();
      const enrollment = await enroll(bank);
      const renewed = teller.bank.reEnroll(bank);
      const tokens = new AccessTokens(ringOf('old', 'new'));
      class Overtaken extends EnrollmentsRepository {
        override async listTokens(...args: Parameters<EnrollmentsRepository['listTokens']>) {
          const listed = await super.listTokens(...args);
          if (listed.some(({ id }) => id === enrollment.id))
            await setToken(app, enrollment.id, tokens.seal(enrollment.id, new Secret(renewed.token)));
          return listed;
        }
      }
      await reseal(app, {}, ringOf('new', 'old'), new Overtaken());
      const accessToken = (await sealedIn(app)).get(enrollment.id)!;
      expect(accessToken).toMatch(/^v1\.new\./);
      expect(tokens.open({ id: enrollment.id, accessToken })!.reveal()).toBe(renewed.token);
    });

    it('except those that cannot be opened, which are named and left', async () => {
      await start('old');
      const [lost, kept] = [await enroll(consent()), await enroll(consent())];
      await reseal(app, {}, ringOf('old', 'new'));
      const sealed = (await sealedIn(app)).get(kept.id)!;
      await setToken(app, lost.id, sealed);
      const counts = await reseal(app);
      expect(counts.unreadable).toEqual([
        expect.stringMatching(new RegExp(`^The access token of ${lost.id} .* key old`)),
      ]);
      expect((await sealedIn(app)).get(lost.id)).toBe(sealed);
      await setToken(app, lost.id, null);
    });
  });
});

describe('three servers on one PostgreSQL', () => {
  let store: TestStore;
  const apps: TestApp[] = [];
  beforeAll(async () => {
    store = await makeStore('postgres');
  });
  afterAll(async () => {
    await Promise.all(apps.map((app) => app.stop()));
    await store.dispose();
  });
  const start = async (...keys: readonly ('old' | 'new')[]): Promise<TestApp> => {
    const clock = new HeldClock();
    const variables = { ENCRYPTION_KEYS: named(...keys) };
    const app = await startTellerApp(store, teller, { clock, ids: new UuidV7Source(clock), variables });
    apps.push(app);
    return app;
  };

  it('change the key in two steps, syncing and enrolling all the while', async () => {
    const first = await start('old', 'new');
    const second = await start('new', 'old');
    const enrollments: { id: string; bank: BankEnrollment }[] = [];
    for (const app of [first, second, first, second, first]) {
      const bank = consent();
      enrollments.push({ bank, id: (await bodyOf(app.post('/v1/enrollments', consentOf(bank)))).id });
    }
    let isOver = false;
    const statuses = new Set<number>();
    const work = async (app: TestApp, nth: number): Promise<void> => {
      while (!isOver) {
        const { id, bank } = enrollments[nth]!;
        statuses.add((await trySync(app, { id })).status);
        statuses.add((await app.post('/v1/enrollments', consentOf(bank))).status);
        await sync(app, { id });
      }
    };
    // The first two of them are asked for by one server each, and sealed anew by it again and again.
    const working = [work(first, 0), work(second, 1)];
    for (let run = 0; run < 10; run += 1) expect((await reseal(second, { batchRows: 2 })).unreadable).toEqual([]);
    isOver = true;
    await Promise.all(working);
    expect([...statuses].sort()).toEqual([200, 201]);
    // The server of the first step seals under the old key still: its last word, too, is brought over once it has taken the second step.
    await reseal(second);
    expect(new Set(await keysUsed(second))).toEqual(new Set(['new']));
    const third = await start('new');
    for (const { id } of enrollments) await sync(third, { id });
  });
});
