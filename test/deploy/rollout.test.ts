// The order in which a release is rolled out, played with what k8s/ describes: nothing starts too early, a newer schema holds up nobody, the way
// back needs none, and whoever reads and writes meanwhile notices nothing.
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { smoke } from '../../src/cli/smoke/smoke.js';
import { MIGRATIONS } from '../../migrations/index.js';
import { share } from '../support/share.js';
import { Api } from './api.js';
import { MIGRATIONS_EACH, Release, type Running } from './release.js';
import { slots } from './slots.js';
import { type ServerPod, Stage } from './stage.js';
import { Steady } from './steady.js';

const PER_SECOND = share({ test: 20, prove: 100 });
/** Good answers that are waited for where nothing else happens. */
const LULL = share({ test: 10, prove: 2_000 });
const TEST_MS_MAX = 1_800_000;

/** The Service: the pods that are ready, in turn. One that is to end is none of them from that moment on. */
class Endpoints {
  private pods: readonly ServerPod[] = [];
  private turn = 0;

  set(...pods: readonly ServerPod[]): void {
    this.pods = pods;
  }

  next = (): number => this.pods[(this.turn += 1) % this.pods.length]!.port;
}

let stage: Stage;
let releases: { readonly old: Release; readonly young: Release };
const started: ServerPod[] = [];
const ending: ReturnType<ServerPod['terminate']>[] = [];

beforeAll(async () => {
  stage = await Stage.open();
  releases = { old: Release.make('0.1.0'), young: Release.make('0.2.0', 1) };
}, TEST_MS_MAX);
afterAll(async () => {
  await Promise.all(started.map((pod) => pod.kill()));
  releases?.old.dispose();
  releases?.young.dispose();
  await stage?.close();
});

it('a release comes, another one follows, and is taken back', { timeout: TEST_MS_MAX }, async () => {
  const { old, young } = releases;
  const ports = await slots(2 * 3);
  const serve = (release: Release): ServerPod => {
    const pod = stage.serve(release, ports.shift()!);
    started.push(pod);
    return pod;
  };

  // All is applied at once, before there is a database.
  await stage.postgres.stop();
  const store = stage.awaitStore(old);
  const schemas = [stage.awaitSchema(old), stage.awaitSchema(old)];
  await sleep(share({ test: 500, prove: 5_000 }));
  expect([store, ...schemas].map(isRunning), 'all wait').toEqual([true, true, true]);
  await stage.postgres.start();
  expect(await store.ended).toMatchObject({ code: 0, stderr: '' });
  expect(schemas.map(isRunning), 'a database is no schema').toEqual([true, true]);
  const jobs = await Promise.all([stage.migrate(old).ended, stage.migrate(old).ended]);
  expect(jobs.map(({ code }) => code)).toEqual([0, 0]);
  expect(jobs.map(({ stdout }) => outcomeOf(stdout)).sort()).toEqual(['Done', 'Nothing to do']);
  expect(await appliedBy('0.1.0')).toBe(MIGRATIONS.length);
  for (const { ended } of schemas) expect(await ended).toMatchObject({ code: 0, stderr: '' });
  // By the role of the servers, and as often as there are releases.
  const seeds = await Promise.all([stage.seed(old).ended, stage.seed(old).ended]);
  expect(seeds.map(({ code, stderr }) => ({ code, stderr }))).toEqual(Array(2).fill({ code: 0, stderr: '' }));
  expect(await stage.query("SELECT system_role FROM accounts WHERE kind = 'book' ORDER BY 1")).toEqual([
    { system_role: 'house' },
    { system_role: 'treasury' },
  ]);

  const first = [serve(old), serve(old)];
  const [key] = await Promise.all([stage.createKey(old), ...first.map((pod) => pod.ready())]);
  for (const pod of first) await expectSmoke(pod, key);

  const service = new Endpoints();
  service.set(...first);
  const api = new Api(service.next, key);
  const steady = new Steady(api, 'steady', PER_SECOND);
  await steady.prepare();
  steady.start();
  await steady.more(LULL);

  // The next release: its schema comes while the one before serves, which stays ready.
  const next = stage.awaitSchema(young);
  const { code, stdout } = await stage.migrate(young).ended;
  expect({ code, outcome: outcomeOf(stdout) }).toEqual({ code: 0, outcome: 'Done' });
  expect(await appliedBy('0.2.0')).toBe(MIGRATIONS_EACH);
  expect(await Promise.all(first.map((pod) => pod.schema()))).toEqual(['200 ahead', '200 ahead']);
  await steady.more(LULL);
  expect(await next.ended).toMatchObject({ code: 0 });
  const second = await replace(first, () => serve(young), service);
  expect(await Promise.all(second.map((pod) => pod.schema()))).toEqual(['200 current', '200 current']);
  const back = stage.awaitSchema(old);
  for (const pod of second) await expectSmoke(pod, key);

  // And back: the schema stays where it is, and is none to wait for.
  expect(await back.ended).toMatchObject({ code: 0 });
  const third = await replace(second, () => serve(old), service);
  expect(await Promise.all(third.map((pod) => pod.schema()))).toEqual(['200 ahead', '200 ahead']);
  for (const pod of third) await expectSmoke(pod, key);

  for (const { code: end, stderr } of await Promise.all(ending))
    expect({ end, stderr }).toEqual({ end: 0, stderr: '' });
  await steady.stop();
  process.stderr.write(`a rollout and its way back under ${steady.answered} requests, ${steady.rate} a second\n`);
  expect(steady.faults).toEqual([]);
  expect(await steady.judge()).toEqual([]);
  api.close();
});

/** One more, and when it is ready one of the old ones goes, while the next one comes: maxSurge 1, maxUnavailable 0. */
async function replace(
  old: readonly ServerPod[],
  serve: () => ServerPod,
  service: Endpoints,
): Promise<readonly ServerPod[]> {
  const young: ServerPod[] = [];
  for (const [index, pod] of old.entries()) {
    const next = serve();
    await next.ready();
    young.push(next);
    // What preStop waits for: everybody has learnt that the pod goes.
    service.set(...old.slice(index + 1), ...young);
    ending.push(pod.terminate());
  }
  return young;
}

async function expectSmoke({ url }: ServerPod, key: string): Promise<void> {
  const steps = await smoke({ url, key, writes: true, timeoutMs: 10_000 });
  expect(steps.filter(({ outcome }) => outcome !== 'passed')).toEqual([]);
}

function isRunning({ child }: Running): boolean {
  return child.exitCode === null && child.signalCode === null;
}

/** The first words of the Job's last line. */
function outcomeOf(stdout: string): string {
  return stdout.trimEnd().split('\n').at(-1)!.split(':')[0]!;
}

async function appliedBy(version: string): Promise<number> {
  const rows = await stage.query(`SELECT 1 FROM schema_migrations WHERE applied_by = '${version}'`);
  return rows.length;
}
