// Refusals are a closed list in one order: what is not in it, or stands elsewhere than where it is tried, is found here.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { errorsPage } from '../../src/cli/errors-page.js';
import { Refusal, type RefusalClass, ValueInvalid } from '../../src/common/domain-error.js';
import { STAGES } from '../../src/refusals.js';
import { eachStore } from '../support/each-store.js';
import { TestApp } from '../support/test-app.js';

const SRC = new URL('../../src/', import.meta.url).pathname;
const files = readdirSync(SRC, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.ts'));

/** Refusals of commands, which no request meets: the runner of migrations, and the server that finds its file taken. */
const OF_COMMANDS = ['database/schema/migration.errors.ts', 'database/sqlite/server-lock.ts'];

const all = STAGES.flatMap(({ refusals }) => refusals);

describe('the stages', () => {
  it('name each refusal once', () => {
    expect(all.map(({ code }) => code).sort()).toEqual([...new Set(all.map(({ code }) => code))].sort());
  });

  it('name every refusal that there is', async () => {
    const there: unknown[] = [];
    for (const file of files.filter((one) => one.endsWith('errors.ts') && !OF_COMMANDS.includes(one)))
      there.push(...Object.values((await import(join(SRC, file))) as object));
    const refusals = there.filter(
      (one): one is RefusalClass => typeof one === 'function' && one.prototype instanceof Refusal,
    );
    expect(refusals.length).toBeGreaterThan(30);
    expect(refusals.filter((one) => !all.includes(one)).map(({ name }) => name)).toEqual([]);
  });

  it('no refusal stands outside of the lists of refusals, but that of a value, which the door places', () => {
    const outside = files
      .filter((file) => !file.endsWith('errors.ts') && !OF_COMMANDS.includes(file))
      .filter((file) => /class \w+ extends Refusal\b/.test(readFileSync(join(SRC, file), 'utf8')));
    expect(outside).toEqual(['common/domain-error.ts']);
    expect(ValueInvalid.prototype).toBeInstanceOf(Refusal);
  });
});

interface Said {
  readonly handler: string;
  readonly codes: readonly string[];
  /** "… then what the feed refuses": the rest is somebody else's. */
  readonly isOpen: boolean;
}

/** Which codes the service's method says it tries, of each handler that hands on to one. */
function saidByServices(): Said[] {
  return files
    .filter((file) => file.endsWith('.controller.ts'))
    .flatMap((file) => {
      const controller = readFileSync(join(SRC, file), 'utf8');
      const name = /export class (\w+)Controller/.exec(controller)![1]!;
      const calls = [
        ...controller.matchAll(/^ {2}(?:async )?(\w+)\([^{]*\{\n(?: {4}.*\n)*? {4}.*\bthis\.(\w+)\.(\w+)\(/gm),
      ];
      return calls.flatMap(([, handler, property, method]) => {
        const service = new RegExp(`readonly ${property}: (\\w+)Service`).exec(controller)?.[1];
        const doc = service === undefined ? undefined : orderOf(file.replace(/[^/]*$/, ''), service, method!);
        return doc === undefined ? [] : [{ handler: `${name}_${handler}`, ...doc }];
      });
    });
}

function orderOf(folder: string, service: string, method: string): Pick<Said, 'codes' | 'isOpen'> | undefined {
  const file = files.find(
    (one) => one.startsWith(folder) && readFileSync(join(SRC, one), 'utf8').includes(`export class ${service}Service`),
  )!;
  const [, doc] =
    new RegExp(`/\\*\\*((?:(?!\\*/)[^])*)\\*/\\n {2}(?:async )?${method}\\(`).exec(
      readFileSync(join(SRC, file), 'utf8'),
    ) ?? [];
  const order = /Tried in this order: ([^.]*)\./.exec(doc ?? '')?.[1];
  return order === undefined
    ? undefined
    : { codes: order.match(/[a-z]+(?:_[a-z]+)+/g) ?? [], isOpen: order.includes('then what') };
}

eachStore((store) => {
  let app: TestApp;
  let operations: { id: string; refusals: string[]; statuses: string[] }[];
  beforeAll(async () => {
    app = await TestApp.start(store);
    const { body } = await app.get('/openapi.json');
    operations = Object.values(body.paths as Record<string, Record<string, any>>) // eslint-disable-line @typescript-eslint/no-explicit-any
      .flatMap((item) => Object.values(item))
      .map((one) => ({
        id: one.operationId,
        refusals: one['x-refusals'],
        statuses: Object.keys(one.responses),
      }));
  });
  afterAll(() => app.stop());

  it('a route lists what it refuses in the order in which its service says that it tries it', () => {
    const said = saidByServices();
    expect(said.length).toBeGreaterThanOrEqual(15);
    const everywhere = new Set(
      STAGES.flatMap(({ isPassedBy, refusals }) => (isPassedBy ? refusals : [])).map(({ code }) => code),
    );
    for (const { handler, codes, isOpen } of said) {
      const listed = operations.find(({ id }) => id === handler)!.refusals.filter((code) => !everywhere.has(code));
      expect({ handler, codes: isOpen ? listed.slice(0, codes.length) : listed }).toEqual({ handler, codes });
    }
  });

  it('a service whose route refuses more than one thing says in which order', () => {
    const said = new Set(saidByServices().map(({ handler }) => handler));
    const everywhere = new Set(
      STAGES.flatMap(({ isPassedBy, refusals }) => (isPassedBy ? refusals : [])).map(({ code }) => code),
    );
    const silent = operations
      .filter(({ refusals }) => refusals.filter((code) => !everywhere.has(code)).length > 1)
      .map(({ id }) => id)
      .filter((id) => !said.has(id));
    // Whether a key is bound, or a feed is on, is asked by these controllers themselves.
    expect(silent.sort()).toEqual(['ApiKeys_get', 'ApiKeys_list', 'ApiKeys_revoke', 'TellerConfig_show']);
  });

  it('every operation says its refusals in the order of the stages, and each has its status', () => {
    const stageOf = new Map(
      STAGES.flatMap(({ refusals, isPassedBy }, index) => refusals.map(({ code }) => [code, isPassedBy ? index : -1])),
    );
    for (const { id, refusals } of operations) {
      const places = refusals.map((code) => stageOf.get(code)).filter((place) => place !== -1);
      expect({ id, places }).toEqual({ id, places: [...places].sort((a, b) => a! - b!) });
    }
  });

  it('the page of refusals names each of them and each route', async () => {
    const { body } = await app.get('/openapi.json');
    const page = errorsPage(body);
    for (const { code } of all) expect(page).toContain(`| \`${code}\``);
    expect(page).toContain('| `PATCH /v1/accounts/{id}`');
  });
});
