// The same random program of verbs leaves the same rows in both engines, and tells the same of what it wrote.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Amount } from '../../src/common/amount.js';
import { type CivilDate } from '../../src/common/civil-date.js';
import { type Instant } from '../../src/common/clock.js';
import { type Owner } from '../../src/common/owner.js';
import { ConstraintViolated } from '../../src/database/database.errors.js';
import { type Transaction, type Written } from '../../src/database/transaction.js';
import { ENGINES } from '../support/each-store.js';
import { seed, share } from '../support/share.js';
import { ANN, BOB, EVERYBODY, specimen, Specimen, specimenStore, type SpecimenStore } from './specimens.js';

const ids = fc.constantFrom('a', 'B', 'é', '😀', '\uFFEE', 'a b', '{"c"}', 'z\\');
const text = fc.string({ unit: 'grapheme', maxLength: 8 }).map((one) => one.replaceAll('\0', '0').toWellFormed());
const amount = fc.bigInt(-(10n ** 15n), 10n ** 15n) as fc.Arbitrary<Amount>;
const instant = fc
  .date({ min: new Date('0001-01-01'), max: new Date('9999-12-31'), noInvalidDate: true })
  .map((date) => date.toISOString() as Instant);
const day = instant.map((moment) => moment.slice(0, 10) as unknown as CivilDate);
const count = fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 });
const maybe = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: null });

const values = {
  note: maybe(text),
  total: amount.filter((total) => total >= 0n || total < -10n) as fc.Arbitrary<Amount>,
  spare: maybe(amount),
  madeAt: instant,
  seenAt: maybe(instant),
  day,
  dueDay: maybe(day),
  pieces: count,
  weight: maybe(count),
  isRare: fc.boolean(),
  isKnown: maybe(fc.boolean()),
};
const owner = fc.constantFrom('ann', 'bob') as fc.Arbitrary<string> as fc.Arbitrary<Owner>;
const row = fc.record({ id: ids, owner, ...values }).map((fields) => specimen(fields.id, fields));
const rows = fc.uniqueArray(row, { selector: ({ id }) => id, maxLength: 5 });
const keys = fc.uniqueArray(ids, { maxLength: 5 });
const set = fc
  .constantFrom(...(Object.keys(values) as (keyof typeof values)[]))
  .chain((name) => fc.record({ [name]: values[name] }) as fc.Arbitrary<Partial<Specimen>>);
const expected = fc.option(fc.record({ isRare: fc.boolean(), isKnown: values.isKnown }), { nil: undefined });

const verb = fc.oneof(
  fc.record({ verb: fc.constant('insert' as const), rows }),
  fc.record({ verb: fc.constant('upsert' as const), rows }),
  fc.record({ verb: fc.constant('update' as const), keys, set, expected }),
  fc.record({ verb: fc.constant('delete' as const), keys }),
);
type Verb = typeof verb extends fc.Arbitrary<infer V> ? V : never;
const scope = fc.constantFrom(ANN, BOB, EVERYBODY);
const program = fc.array(fc.record({ scope, verbs: fc.array(verb, { maxLength: 4 }) }), { maxLength: 6 });
type Program = typeof program extends fc.Arbitrary<infer P> ? P : never;

async function perform(tx: Transaction, one: Verb): Promise<unknown> {
  if (one.verb === 'insert' || one.verb === 'upsert') return tx[one.verb](Specimen, one.rows);
  if (one.verb === 'delete')
    return tx.delete(
      Specimen,
      one.keys.map((id) => ({ id })),
    );
  return tx.update(
    Specimen,
    one.keys.map((id) => ({
      key: { id },
      set: one.set,
      ...(one.expected === undefined ? {} : { expected: one.expected }),
    })),
  );
}

/** What each transaction answered or refused, what was told of it, and the rows that are there in the end. */
async function run(store: SpecimenStore, steps: Program): Promise<unknown> {
  await store.empty();
  const answers: unknown[] = [];
  const told: unknown[] = [];
  const remove = store.database.observe(async (_tx, { entity, verb: by, keys: written }: Written) => {
    told.push([entity.name, by, written.map(([id]) => id as string).sort()]);
  });
  for (const step of steps) {
    try {
      const answer = await store.database.transact(step.scope, async (tx) => {
        const given: unknown[] = [];
        for (const one of step.verbs) given.push(await perform(tx, one));
        return given;
      });
      answers.push(answer);
    } catch (error) {
      // Of a row that breaks several keys at once each engine names another.
      answers.push(error instanceof ConstraintViolated ? error.kind : (error as Error).name);
    }
  }
  remove();
  return { answers, told, rows: await store.all() };
}

describe('the same program of verbs', () => {
  const stores: SpecimenStore[] = [];
  for (const engine of ENGINES) specimenStore(engine, (store) => stores.push(store));

  it('leaves both engines with the same rows', { timeout: 3_600_000 }, async () => {
    const [sqlite, postgres] = stores;
    const both = fc.asyncProperty(program, async (steps) => {
      expect(await run(postgres!, steps)).toEqual(await run(sqlite!, steps));
    });
    await fc.assert(both, { numRuns: share({ test: 150, prove: 5_000 }), seed: seed() });
  });
});
