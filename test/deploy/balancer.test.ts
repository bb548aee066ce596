// Two servers on one PostgreSQL behind a balancer are one service: its guarantees hold whichever of them a request comes to. And a deploy, in
// which the schema grows and each server is replaced, is noticed by nobody.
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Haproxy, NO_HAPROXY } from '../support/haproxy.js';
import { keepSecret } from '../support/run-log.js';
import { share } from '../support/share.js';
import { type Answer, Api } from './api.js';
import { Release } from './release.js';
import { slots } from './slots.js';
import { type ServerPod, Stage } from './stage.js';
import { Steady } from './steady.js';

const ROUNDS = share({ test: 5, prove: 200 });
const TWINS = 6;
const LINES = share({ test: 40, prove: 2_000 });
const ENROLLMENTS = share({ test: 3, prove: 20 });
const OWNER = 'ann';
const SECOND_MS = 1_000;
const TRIES_MAX = 50;
const SYNC_MS_MAX = 300_000;

const DEPLOYS = share({ test: 1, prove: 5 });
const PER_SECOND = share({ test: 60, prove: 200 });
/** Two of each version, in the middle of a deploy. */
const SLOTS = 4;
const TEST_MS_MAX = 1_800_000;

const about = NO_HAPROXY === undefined ? '' : `: ${NO_HAPROXY}`;
describe.skipIf(NO_HAPROXY)(`two servers behind HAProxy${about}`, { timeout: TEST_MS_MAX }, () => {
  let stage: Stage;
  let balancer: Haproxy;
  let ports: readonly number[];
  let pods: readonly ServerPod[];
  let key: string;
  let api: Api;
  let accountId: string;
  const releases: Release[] = [];
  const started: ServerPod[] = [];

  const make = (version: string, expansions = 0): Release => {
    const release = Release.make(version, expansions);
    releases.push(release);
    return release;
  };
  const serve = (release: Release, port: number): ServerPod => {
    const pod = stage.serve(release, port);
    started.push(pod);
    return pod;
  };

  beforeAll(async () => {
    stage = await Stage.open();
    const [release] = [make('0.1.0'), await stage.migrateHere()];
    ports = await slots(SLOTS);
    balancer = await Haproxy.start(ports);
    pods = ports.slice(0, 2).map((port) => serve(release, port));
    key = await stage.createKey(release);
    await balancer.sendsTo(pods.map(({ port }) => port));
    api = new Api(() => balancer.port, key);
    accountId = (await made('/v1/accounts', { kind: 'manual', name: 'shared', currency: 'USD', owner: OWNER })).id;
    for (let index = 0; index < ENROLLMENTS; index += 1)
      await made('/v1/enrollments', { feed: 'sandbox', institutionId: 'harbor_bank', owner: `owner-${index}` });
    // At once, and not when whoever enrolled has had the time to ask for it.
    await stage.query("UPDATE sync_turns SET due_at = due_at - interval '1 hour'");
  }, TEST_MS_MAX);
  afterAll(async () => {
    api?.close();
    await Promise.all(started.map((pod) => pod.kill()));
    await balancer?.stop();
    for (const release of releases) release.dispose();
    await stage?.close();
  });

  async function made(path: string, wanted: object): Promise<any> {
    const { status, text, body } = await api.post(path, wanted);
    expect({ status, text }).toMatchObject({ status: 201 });
    return body;
  }

  const line = (name: string): Readonly<Record<string, string>> & { description: string } => ({
    accountId,
    date: '2026-11-01',
    amount: '-1',
    description: name,
  });

  /** Asks until each server has answered. */
  async function ofBoth(ask: () => Promise<Answer>): Promise<Answer[]> {
    const answers = new Map<string, Answer>();
    for (let tries = 0; answers.size < 2 && tries < TRIES_MAX; tries += 1) {
      const answer = await ask();
      answers.set(answer.server, answer);
    }
    expect([...answers.keys()].map(Number).sort()).toEqual(pods.map(({ port }) => port).sort());
    return [...answers.values()];
  }

  it(`a request that is sent again has one effect, whoever gets it, ${ROUNDS} times`, async () => {
    for (let round = 0; round < ROUNDS; round += 1) {
      const headers = { 'idempotency-key': randomUUID() };
      const send = (): Promise<Answer> => api.post('/v1/transactions', line(`twins ${round}`), { headers });
      const twins = await Promise.all(Array.from({ length: TWINS }, send));
      const answers = [...twins, ...(await ofBoth(send))];
      expect(new Set(answers.map(({ status, text }) => `${status} ${text}`)).size).toBe(1);
      expect(answers[0]!.status).toBe(201);
    }
    const rows = await api.pages(`/v1/accounts/${accountId}/transactions?limit=500`);
    expect(rows.filter(({ description }) => description.startsWith('twins '))).toHaveLength(ROUNDS);
  });

  it('a key that one of them revoked is refused by both a second later', async () => {
    const { id, key: other } = await made('/v1/keys', { name: 'leaked', scope: 'read' });
    keepSecret(other);
    const ask = (): Promise<Answer> => api.get('/v1/accounts?limit=1', { key: other });
    expect((await ofBoth(ask)).map(({ status }) => status)).toEqual([200, 200]);
    expect((await api.delete(`/v1/keys/${id}`)).status).toBe(200);
    await sleep(SECOND_MS);
    expect((await ofBoth(ask)).map(({ status }) => status)).toEqual([401, 401]);
  });

  it(`of two edits of what both have seen one comes through, ${ROUNDS} times`, async () => {
    const { id } = await made('/v1/transactions', line('edited'));
    const places = new Set<number>();
    for (let round = 0; round < ROUNDS; round += 1) {
      const { etag } = await api.get(`/v1/transactions/${id}`);
      const edit = (notes: string): Promise<Answer> =>
        api.patch(`/v1/transactions/${id}`, { notes }, { headers: { 'if-match': etag } });
      const answers = await Promise.all([edit(`one ${round}`), edit(`two ${round}`)]);
      expect(answers.map(({ status }) => status).sort()).toEqual([200, 412]);
      places.add(new Set(answers.map(({ server }) => server)).size);
    }
    expect((await api.get(`/v1/transactions/${id}`)).body.version).toBe(1 + ROUNDS);
    expect(places, 'two edits at two servers').toContain(2);
  });

  it(`whoever follows the changes, or turns pages, misses nothing of ${LINES} lines and gets none twice`, async () => {
    const before = await api.pages(`/v1/accounts/${accountId}/transactions?limit=500`);
    const written: string[] = [];
    let isWriting = true;
    const write = async (name: string): Promise<void> => {
      for (let count = 0; count < LINES / 4; count += 1)
        written.push((await made('/v1/transactions', line(`${name} ${count}`))).id);
    };
    const writing = Promise.all(['a', 'b', 'c', 'd'].map(write)).finally(() => (isWriting = false));
    const changes: any[] = [];
    const servers = new Set<string>();
    for (let [cursor, hasMore] = ['', true]; hasMore || isWriting;) {
      const from = cursor === '' ? '' : `&cursor=${cursor}`;
      const answer = await api.get(`/v1/changes?object=transaction&owner=${OWNER}&limit=7${from}`);
      expect(answer.status).toBe(200);
      servers.add(answer.server);
      changes.push(...answer.body.data);
      ({ nextCursor: cursor, hasMore } = answer.body);
    }
    await writing;
    const added = changes.filter(({ change, data }) => change === 'added' && data.accountId === accountId);
    const ids = added.map(({ objectId }) => objectId as string);
    expect(ids.sort()).toEqual([...before.map(({ id }) => id as string), ...written].sort());
    expect(servers.size).toBe(2);

    const turned = await api.pages(`/v1/accounts/${accountId}/transactions?limit=7`);
    expect(turned.map(({ id }) => id as string).sort()).toEqual(ids);
  });

  it(`${ENROLLMENTS} enrollments that were due were synced once each`, async () => {
    let enrollments: any[] = [];
    for (const until = Date.now() + SYNC_MS_MAX; Date.now() < until; await sleep(200)) {
      enrollments = await api.pages('/v1/enrollments?limit=100');
      if (enrollments.every(({ lastSyncedAt }) => lastSyncedAt !== null)) break;
    }
    expect(enrollments).toHaveLength(ENROLLMENTS);
    for (const { id } of enrollments) {
      const entries = await api.pages(`/v1/audit?object=enrollment&objectId=${id}&limit=100`);
      const synced = entries.filter(
        ({ before, after }) => before !== null && before.lastSyncedAt !== after.lastSyncedAt,
      );
      expect(synced.map(({ actor, requestId }) => ({ actor, requestId }))).toEqual([
        { actor: 'passbook', requestId: null },
      ]);
    }
  });

  it(`nobody notices ${DEPLOYS} deploys at ${PER_SECOND} requests a second`, async () => {
    const steady = new Steady(api, 'deploys', PER_SECOND);
    await steady.prepare();
    steady.start();
    await steady.more(PER_SECOND);
    for (let deploy = 1; deploy <= DEPLOYS; deploy += 1) {
      const young = make(`0.${deploy + 1}.0`, deploy);
      const free = ports.filter((port) => !pods.some((pod) => pod.port === port));
      const [[oldest, older], ending] = [pods as [ServerPod, ServerPod], [] as ReturnType<ServerPod['terminate']>[]];
      const migrated = stage.migrate(young).ended;
      // Not ready before the schema is there.
      const first = serve(young, free[0]!);
      expect(await migrated).toMatchObject({ code: 0, stderr: '' });
      await first.ready();
      await balancer.sendsTo([oldest.port, older.port, first.port]);
      ending.push(oldest.terminate());
      const second = serve(young, free[1]!);
      await second.ready();
      await balancer.sendsTo([older.port, first.port, second.port]);
      ending.push(older.terminate());
      await balancer.sendsTo([first.port, second.port]);
      for (const { code, stderr } of await Promise.all(ending))
        expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
      pods = [first, second];
    }
    await steady.more(PER_SECOND);
    await steady.stop();
    process.stderr.write(`${DEPLOYS} deploys under ${steady.answered} requests, ${steady.rate} a second\n`);
    expect(steady.faults).toEqual([]);
    expect(await steady.judge()).toEqual([]);
    expect([...steady.answeredBy.keys()].map(Number).sort(), 'old and new ones answered').toEqual([...ports].sort());
  });
});
