// `passbook doctor`: each thing that may be wrong is named, with a verdict and a next step, and what is well is said to be.
import { existsSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { MIGRATIONS } from '../../migrations/index.js';
import { examine } from '../../src/cli/doctor/doctor.js';
import { type Finding } from '../../src/cli/doctor/finding.js';
import { type Circumstances, judgeStore } from '../../src/cli/doctor/judge-store.js';
import { EXIT } from '../../src/common/exit-codes.js';
import { type ServerVitals, type StoreVitals } from '../../src/database/vitals.js';
import { startNode } from '../migrations/processes.js';
import { eachStore } from '../support/each-store.js';

const OPTIONS = { processes: 1, nowMs: Date.now(), migrations: MIGRATIONS.map(({ id }) => id) };
const MIB = 1_048_576;
const DAY_MS = 86_400_000;

const SERVER: ServerVitals = {
  tls: { protocol: 'TLSv1.3', isVerified: true, certificateEndsMs: OPTIONS.nowMs + 200 * DAY_MS },
  isLocal: false,
  connectionsLeft: 97,
  connectionsMax: 97,
  clockOffsetMs: -3,
  encoding: 'UTF8',
  undurable: [],
};
const STORE: StoreVitals = {
  server: 'PostgreSQL 18.4',
  latencyMs: 0.4,
  schema: 'current',
  pending: 0,
  sizeBytes: 20 * MIB,
  freeBytes: undefined,
  behindServer: SERVER,
};
const CIRCUMSTANCES: Circumstances = {
  isProduction: true,
  isBehindPooler: false,
  poolMax: 15,
  processes: 2,
  nowMs: OPTIONS.nowMs,
};

function verdicts(findings: readonly Finding[]): Record<string, string> {
  return Object.fromEntries(findings.map(({ check, verdict }) => [check, verdict]));
}

describe('the verdict on a store', () => {
  const judged = (
    server: Partial<ServerVitals>,
    store: Partial<StoreVitals> = {},
    around: Partial<Circumstances> = {},
  ) => judgeStore({ ...STORE, behindServer: { ...SERVER, ...server }, ...store }, { ...CIRCUMSTANCES, ...around });

  it('is good where all is well', () => {
    expect(new Set(Object.values(verdicts(judged({}))))).toEqual(new Set(['ok']));
  });

  it.each<[string, string, string, Partial<ServerVitals>, Partial<StoreVitals>?, Partial<Circumstances>?]>([
    ['plain text in production', 'TLS', 'fault', { tls: undefined }],
    ['plain text in development', 'TLS', 'warning', { tls: undefined }, {}, { isProduction: false }],
    ['plain text on this machine', 'TLS', 'ok', { tls: undefined, isLocal: true }],
    ['a server that proves nothing', 'TLS', 'warning', { tls: { ...SERVER.tls!, isVerified: false } }],
    [
      'a certificate near its end',
      'TLS',
      'warning',
      { tls: { ...SERVER.tls!, certificateEndsMs: OPTIONS.nowMs + DAY_MS } },
    ],
    ['pending migrations', 'schema', 'fault', {}, { schema: 'behind', pending: 2 }],
    ['a store that nothing was made in', 'schema', 'fault', {}, { schema: 'empty', pending: 14 }],
    ['a newer schema', 'schema', 'ok', {}, { schema: 'ahead' }],
    ['more pools than the server takes', 'pool', 'fault', { connectionsLeft: 31 }],
    ['a pooler in between', 'pool', 'ok', { connectionsLeft: 2 }, {}, { isBehindPooler: true }],
    ['pools that nearly fill the server', 'pool', 'warning', { connectionsLeft: 33 }],
    ['a clock that is off', 'clock', 'warning', { clockOffsetMs: 1_500 }],
    ['a clock that is far off', 'clock', 'fault', { clockOffsetMs: -90_000 }],
    ['commits that a crash may lose', 'durability', 'fault', { undurable: ['fsync'] }],
    ['another encoding', 'connection', 'fault', { encoding: 'SQL_ASCII' }],
    ['a store that is far away', 'connection', 'warning', {}, { latencyMs: 80 }],
    ['a full disk', 'disk', 'fault', {}, { freeBytes: 10 * MIB }],
    ['a disk that has no room for a migration', 'disk', 'warning', {}, { freeBytes: 70 * MIB, sizeBytes: 60 * MIB }],
  ])('names %s', (_, check, verdict, server, store, around) => {
    const findings = judged(server, store, around);
    expect(verdicts(findings)).toMatchObject({ [check]: verdict });
    expect(findings.filter((finding) => finding.verdict !== 'ok').map((finding) => finding.check)).toEqual(
      verdict === 'ok' ? [] : [check],
    );
    for (const { verdict: said, next } of findings) expect(next === null).toBe(said === 'ok');
  });
});

it('puts the configuration first, and shows no secret', async () => {
  const findings = await examine(
    { DATABASE_URL: 'postgresql://u:hunter2@h/db?sslmode=maybe', DB_POOL_SIZE: 'x' },
    OPTIONS,
  );
  expect(findings.filter(({ verdict }) => verdict === 'fault').map(({ check }) => check)).toEqual([
    'configuration',
    'configuration',
  ]);
  expect(new Set(findings.slice(2).map(({ verdict }) => verdict))).toEqual(new Set(['skipped']));
  expect(JSON.stringify(findings)).not.toContain('hunter2');
});

it('says of a store that does not answer that it does not, and points to a page that is there', async () => {
  for (const url of ['postgresql://u:hunter2@127.0.0.1:1/db', 'sqlite:////nonexistent/passbook.db']) {
    const findings = await examine({ DATABASE_URL: url }, OPTIONS);
    expect(verdicts(findings)).toMatchObject({ configuration: 'ok', connection: 'fault', schema: 'skipped' });
    expect(JSON.stringify(findings)).not.toContain('hunter2');
    const [page] = /docs\/\S+\.md/.exec(findings.find(({ verdict }) => verdict === 'fault')!.next!)!;
    expect(existsSync(page)).toBe(true);
  }
});

eachStore((store) => {
  it('finds a store in order, beside whoever has it', async () => {
    const findings = await examine(store.environment, OPTIONS);
    const ofServer = store.engine === 'postgres' ? 'ok' : 'skipped';
    expect(verdicts(findings)).toMatchObject({
      configuration: 'ok',
      connection: 'ok',
      schema: 'ok',
      TLS: ofServer,
      clock: ofServer,
    });
  });

  it('finds pending migrations, and exits so that a script notices', async () => {
    const newer = { ...OPTIONS, migrations: [...OPTIONS.migrations, '9999_later'] };
    expect(verdicts(await examine(store.environment, newer))).toMatchObject({ schema: 'fault' });
    const args = ['doctor', '--json', '--processes', '9999'];
    const { code, stdout } = await startNode('dist/src/cli/passbook.js', args, store.environment).ended;
    const isFull = store.engine === 'postgres';
    expect(code).toBe(isFull ? EXIT.failed : EXIT.ok);
    expect(JSON.parse(stdout)).toMatchObject(isFull ? { verdict: 'fault', faults: expect.any(Number) } : { faults: 0 });
  });
});
