// What the verbs of `passbook migrate` do.
import { existsSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { SystemClock } from '../common/clock.js';
import { VERSION } from '../common/version.js';
import { readSettings, type Settings } from '../config/settings.js';
import { describeTarget, toMaskedUrl } from '../config/store-target.js';
import { StoreUnavailable } from '../database/database.errors.js';
import { findDrift } from '../database/schema/check.js';
import { differenceLine } from '../database/schema/drift.js';
import { levelOfNothing, readLevel, type StoreLevel } from '../database/schema/history.js';
import { openSession } from '../database/schema/open-session.js';
import { planOf } from '../database/schema/plan.js';
import { pendingUpTo, toTakeBack } from '../database/schema/route.js';
import { down, type Ran, type RunnerOptions, up } from '../database/schema/runner.js';
import { type SchemaSession } from '../database/schema/session.js';
import { ENTITIES } from '../entities.js';
import { MIGRATIONS } from '../../migrations/index.js';
import { CommandFailed } from './command-failed.js';
import { EXIT } from '../common/exit-codes.js';
import { columns, type CommonOptions, facts, type Outcome, planText } from './migrate.output.js';

interface ToOptions extends CommonOptions {
  readonly to?: string;
}

const PAUSE_MS = 250;
const LOOK_PATIENCE_MS = 5_000;

export function bringUp(options: ToOptions): Promise<Outcome> {
  return change(options, 'make', (session, runner) => up(session, MIGRATIONS, { ...runner, to: options.to }));
}

export function takeBack(options: ToOptions & { readonly allowDataLoss?: boolean }): Promise<Outcome> {
  const allowDataLoss = options.allowDataLoss === true;
  return change(options, 'change', (session, runner) =>
    down(session, MIGRATIONS, { ...runner, to: options.to, allowDataLoss }),
  );
}

async function change(
  options: CommonOptions,
  intent: 'make' | 'change',
  work: (session: SchemaSession, runner: RunnerOptions) => Promise<Ran[]>,
): Promise<Outcome> {
  const settings = readSettings(process.env);
  const waitMs = settings.migrate.waitSeconds * 1000;
  // With --json the one object comes at the end; what happens meanwhile is for the log.
  const stream = options.json === true ? process.stderr : process.stdout;
  const tell = (line: string) => void stream.write(`${line}\n`);
  tell(`store: ${describeTarget(settings.store)}`);
  return within(settings, intent, waitMs, async (session) => {
    const ran = await work(session, { appliedBy: VERSION, clock: new SystemClock(), waitMs, tell });
    const level = await readLevel(session, MIGRATIONS);
    const text = ran.length === 0 ? `Nothing to do: ${sentenceOf(level)}` : `Done: ${sentenceOf(level)}`;
    return { json: { ...levelJson(settings, level), ran }, text, exit: EXIT.ok };
  });
}

export function showStatus(): Promise<Outcome> {
  return look((settings, level) => {
    const { applied, pending, unknown, changed, skipped, underWay } = level;
    const last = applied.at(-1);
    const listed = (label: string, ids: readonly { readonly id: string }[]) =>
      ids.map(({ id }, at) => [at === 0 ? label : '', id] as const);
    const text = facts([
      ['store', describeTarget(settings.store)],
      ['level', level.level],
      ['current', last === undefined ? 'none' : `${last.id} (applied ${last.appliedAt} by version ${last.appliedBy})`],
      ...listed('pending', pending),
      ...listed('unknown', unknown),
      ...listed('changed', changed),
      ...(skipped.length === 0 ? [] : listed('skipped', skipped)),
      ...(underWay === undefined ? [] : [['cut off', `${underWay.id}, on its way ${underWay.direction}`] as const]),
    ]);
    const isBroken = changed.length > 0 || skipped.length > 0 || underWay !== undefined;
    const exit = isBroken ? EXIT.failed : pending.length > 0 ? EXIT.pending : EXIT.ok;
    return { json: levelJson(settings, level), text, exit };
  });
}

export function showHistory(): Promise<Outcome> {
  return look((settings, { applied, unknown, changed }) => {
    const rows = applied.map((row) => {
      const state = unknown.includes(row) ? 'unknown' : changed.some(({ id }) => id === row.id) ? 'changed' : 'ok';
      return { ...row, state };
    });
    const lines = rows.map(({ id, appliedAt, tookMs, appliedBy, state }) => [
      id,
      appliedAt,
      `${tookMs} ms`,
      `version ${appliedBy}`,
      state === 'ok' ? '' : state,
    ]);
    const text = rows.length === 0 ? 'Nothing was applied yet.' : columns(lines);
    return { json: { store: toMaskedUrl(settings.store), data: rows }, text, exit: EXIT.ok };
  });
}

export function showPlan(options: ToOptions & { readonly down?: boolean }): Promise<Outcome> {
  return look((settings, level) => {
    const { engine } = settings.store;
    const back = options.down === true;
    const migrations = back
      ? toTakeBack(level, MIGRATIONS, engine, { to: options.to, allowDataLoss: true })
      : pendingUpTo(level, MIGRATIONS, options.to);
    const plan = planOf(migrations, back ? 'down' : 'up', engine);
    const text = plan.length === 0 ? `-- Nothing to do: ${sentenceOf(level)}` : planText(plan);
    return { json: { ...levelJson(settings, level), plan }, text, exit: EXIT.ok };
  });
}

export async function showCheck(): Promise<Outcome> {
  const settings = readSettings(process.env);
  return within(settings, 'look', LOOK_PATIENCE_MS, async (session) => {
    const level = await readLevel(session, MIGRATIONS);
    const differences = await findDrift(session, ENTITIES);
    const lines = differences.map(differenceLine);
    const hint =
      level.pending.length === 0 ? '' : ` ${level.pending.length} pending: "passbook migrate up" comes first.`;
    const sum = differences.length === 1 ? '1 difference.' : `${differences.length} differences.`;
    const text =
      differences.length === 0 ? 'The schema is what this version demands.' : [...lines, `${sum}${hint}`].join('\n');
    const found = differences.map((difference, at) => ({ ...difference, line: lines[at] }));
    return {
      json: { ...levelJson(settings, level), differences: found },
      text,
      exit: differences.length === 0 ? EXIT.ok : EXIT.failed,
    };
  });
}

export async function waitFor(
  options: CommonOptions & { readonly timeout?: number; readonly schema?: boolean },
): Promise<Outcome> {
  const settings = readSettings(process.env);
  const startedAt = Date.now();
  const timeoutSeconds = options.timeout ?? settings.migrate.waitSeconds;
  for (;;) {
    const reason = await whyNotYet(settings, options.schema === true);
    const waitedMs = Date.now() - startedAt;
    if (reason === undefined) {
      const text = `${options.schema === true ? 'The schema is up to date' : 'The store answers'} (${waitedMs} ms).`;
      return { json: { store: toMaskedUrl(settings.store), waitedMs }, text, exit: EXIT.ok };
    }
    if (waitedMs >= timeoutSeconds * 1000)
      throw new CommandFailed(`Not in ${timeoutSeconds} s: ${reason}`, EXIT.timeout);
    await sleep(Math.min(PAUSE_MS, Math.max(1, timeoutSeconds * 1000 - waitedMs)));
  }
}

/** Undefined when there is nothing to wait for. What waiting does not mend is thrown. */
async function whyNotYet(settings: Settings, schema: boolean): Promise<string | undefined> {
  // A SQLite file that is not there needs no waiting for: `up` makes it.
  if (!schema && isFileMissing(settings)) return undefined;
  try {
    return await within(settings, 'look', 0, async (session) => {
      if (!schema) return undefined;
      const level = await readLevel(session, MIGRATIONS);
      return level.pending.length === 0 ? undefined : sentenceOf(level);
    });
  } catch (error) {
    if (error instanceof StoreUnavailable) return error.message;
    throw error;
  }
}

/** Reads the level of the store; of a SQLite file that is not there, the level of nothing. */
async function look(show: (settings: Settings, level: StoreLevel) => Outcome): Promise<Outcome> {
  const settings = readSettings(process.env);
  if (isFileMissing(settings)) return show(settings, levelOfNothing(MIGRATIONS));
  return within(settings, 'look', LOOK_PATIENCE_MS, async (session) =>
    show(settings, await readLevel(session, MIGRATIONS)),
  );
}

async function within<T>(
  settings: Settings,
  intent: 'look' | 'change' | 'make',
  patienceMs: number,
  work: (session: SchemaSession) => Promise<T>,
): Promise<T> {
  const session = await openSession(settings, { intent, patienceMs });
  try {
    return await work(session);
  } catch (error) {
    throw session.translate(error);
  } finally {
    await session.close();
  }
}

function isFileMissing({ store }: Settings): boolean {
  return store.engine === 'sqlite' && !existsSync(store.path);
}

function levelJson(
  { store }: Settings,
  { level, applied, pending, unknown, changed, skipped, underWay }: StoreLevel,
): object {
  const ids = (some: readonly { readonly id: string }[]) => some.map(({ id }) => id);
  return {
    store: toMaskedUrl(store),
    level,
    current: applied.at(-1)?.id ?? null,
    pending: ids(pending),
    unknown: ids(unknown),
    changed: ids(changed),
    skipped: ids(skipped),
    underWay: underWay === undefined ? null : { id: underWay.id, direction: underWay.direction },
  };
}

function sentenceOf({ applied, pending, unknown }: StoreLevel): string {
  const at = applied.at(-1)?.id ?? 'nothing applied';
  if (pending.length > 0) return `the store is at ${at}, ${pending.length} pending.`;
  return unknown.length > 0 ? `the store is ahead of this version, at ${at}.` : `the schema is current, at ${at}.`;
}
