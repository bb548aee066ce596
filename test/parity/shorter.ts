// Cuts a failing program down to what it takes to fail: first whole steps, then what within them can be left out.
import { type Call, type Json, type Step } from './program.js';

type Fails = (program: readonly Step[]) => Promise<boolean>;

/** Stops at `until`, in milliseconds of the epoch, with what it has by then. */
export async function shortest(program: readonly Step[], fails: Fails, until: number): Promise<Step[]> {
  const steps = await withoutSteps(program, fails, until);
  return withSimplerSteps(steps, fails, until);
}

async function withoutSteps(program: readonly Step[], fails: Fails, until: number): Promise<Step[]> {
  let kept = [...program];
  for (let size = Math.ceil(kept.length / 2); size >= 1; size = Math.floor(size / 2)) {
    // From the end: what comes after the failure goes first, and what others refer to goes last.
    for (let end = kept.length; end > 0 && Date.now() < until;) {
      const from = Math.max(end - size, 0);
      const without = [...kept.slice(0, from), ...kept.slice(end)];
      if (without.length < kept.length && (await fails(without))) kept = without;
      end = Math.min(from, kept.length);
    }
  }
  return kept;
}

async function withSimplerSteps(program: readonly Step[], fails: Fails, until: number): Promise<Step[]> {
  let kept = [...program];
  for (let index = 0; index < kept.length; index++) {
    for (let options = simpler(kept[index]!); options.length > 0 && Date.now() < until;) {
      const other = options.shift()!;
      const changed = kept.with(index, other);
      if (!(await fails(changed))) continue;
      kept = changed;
      options = simpler(other);
    }
  }
  return kept;
}

function simpler(step: Step): Step[] {
  if ('waitMs' in step) return [];
  const { query, body, follow, ...rest } = step;
  const options: Call[] = [];
  if (step.as !== 'admin') options.push({ ...step, as: 'admin' });
  if (follow !== undefined) options.push({ ...rest, ...(query && { query }), ...(body !== undefined && { body }) });
  if (query !== undefined) options.push(...query.map((_, at) => ({ ...step, query: query.toSpliced(at, 1) })));
  if (body !== undefined) options.push(...simplerJson(body).map((one) => ({ ...step, body: one })));
  return options;
}

/** The same with one element or field less, at any depth. */
function simplerJson(json: Json): Json[] {
  if (typeof json !== 'object' || json === null || 'ref' in json) return [];
  if (Array.isArray(json)) {
    const list = json as readonly Json[];
    return list.flatMap((one, at) => [list.toSpliced(at, 1), ...simplerJson(one).map((other) => list.with(at, other))]);
  }
  const entries = Object.entries(json) as [string, Json][];
  return entries.flatMap(([name, value], at) => [
    ...('times' in json ? [] : [Object.fromEntries(entries.toSpliced(at, 1))]),
    ...simplerJson(value).map((other) => ({ ...Object.fromEntries(entries), [name]: other })),
  ]);
}
