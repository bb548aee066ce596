// Constraints that a write breaks come as one kind of error with one name, from both engines, and nothing stays behind.
import { beforeEach, expect, it } from 'vitest';
import { type Amount } from '../../src/common/amount.js';
import { type CivilDate } from '../../src/common/civil-date.js';
import { ConstraintViolated, violates } from '../../src/database/database.errors.js';
import { type Transaction } from '../../src/database/transaction.js';
import { ANN, eachSpecimenStore, Sighting, specimen, Specimen } from './specimens.js';

const SIGHTING: Sighting = { specimenId: 'a', day: '2026-11-21' as CivilDate, place: 1, remark: null };
const BREACHES: [string, (tx: Transaction) => Promise<unknown>, string, string | undefined][] = [
  ['a primary key', (tx) => tx.insert(Specimen, [specimen('a', { label: 'other' })]), 'unique', 'pk_specimens'],
  [
    'a primary key within one insert',
    (tx) => tx.insert(Specimen, [specimen('x'), specimen('x', { label: 'y' })]),
    'unique',
    'pk_specimens',
  ],
  ['a primary key of several columns', (tx) => tx.insert(Sighting, [SIGHTING]), 'unique', 'pk_sightings'],
  [
    'a unique key by insert',
    (tx) => tx.insert(Specimen, [specimen('x', { label: 'label of a' })]),
    'unique',
    'uq_specimens_label',
  ],
  [
    'a unique key by upsert',
    (tx) => tx.upsert(Specimen, [specimen('b', { label: 'label of a' })]),
    'unique',
    'uq_specimens_label',
  ],
  [
    'a unique key by update',
    (tx) => tx.update(Specimen, [{ key: { id: 'b' }, set: { label: 'label of a' } }]),
    'unique',
    'uq_specimens_label',
  ],
  ['a check', (tx) => tx.insert(Specimen, [specimen('x', { total: -5n as Amount })]), 'check', 'ck_specimens_positive'],
  [
    'a check by update',
    (tx) => tx.update(Specimen, [{ key: { id: 'a' }, set: { total: -1n as Amount } }]),
    'check',
    'ck_specimens_positive',
  ],
  [
    'the limit of amounts',
    (tx) => tx.insert(Specimen, [specimen('x', { total: (10n ** 15n + 1n) as Amount })]),
    'check',
    'ck_specimens_total_amount',
  ],
  [
    'the limit of amounts below zero',
    (tx) => tx.insert(Specimen, [specimen('x', { spare: -(10n ** 15n + 1n) as Amount })]),
    'check',
    'ck_specimens_spare_amount',
  ],
  [
    'not null by insert',
    (tx) => tx.insert(Specimen, [specimen('x', { label: null as unknown as string })]),
    'not null',
    'specimens.label',
  ],
  [
    'not null by update',
    (tx) => tx.update(Specimen, [{ key: { id: 'a' }, set: { madeAt: null as unknown as undefined } }]),
    'not null',
    'specimens.made_at',
  ],
  [
    'a foreign key by insert',
    (tx) => tx.insert(Sighting, [{ ...SIGHTING, specimenId: 'nobody' }]),
    'foreign key',
    'fk_sightings_specimen_id',
  ],
  ['a foreign key by delete', (tx) => tx.delete(Specimen, [{ id: 'a' }]), 'foreign key', 'fk_sightings_specimen_id'],
];

eachSpecimenStore((store) => {
  beforeEach(async () => {
    await store.empty();
    await store.database.transact(ANN, async (tx) => {
      await tx.insert(Specimen, [specimen('a'), specimen('b')]);
      await tx.insert(Sighting, [SIGHTING]);
    });
  });

  it.each(BREACHES)('%s', async (_, write, kind, constraint) => {
    const before = await store.all();
    const error: unknown = await store.database
      .transact(ANN, async (tx) => {
        await tx.insert(Specimen, [specimen('before')]);
        await write(tx);
      })
      .catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(ConstraintViolated);
    const isUnnamed = store.engine === 'sqlite' && kind === 'foreign key';
    expect(error).toMatchObject({ kind, constraint: isUnnamed ? undefined : constraint });
    expect(violates(error, constraint!)).toBe(!isUnnamed);
    expect((error as Error).message).not.toMatch(/label of|nobody|1000000000000001/);
    expect(await store.all()).toEqual(before);
  });

  it('are no end of the store: the next transaction is as good as the first', async () => {
    for (let round = 0; round < 15; round++) {
      await expect(store.database.transact(ANN, (tx) => tx.insert(Specimen, [specimen('a')]))).rejects.toThrow(
        ConstraintViolated,
      );
    }
    await store.database.transact(ANN, (tx) => tx.insert(Specimen, [specimen('c')]));
    expect(await store.all()).toHaveLength(3);
  });
});
