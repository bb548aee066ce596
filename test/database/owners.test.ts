// No query without saying whose rows it means, and no way around the owner of a leave.
import { beforeAll, expect, it } from 'vitest';
import { In, Not } from 'typeorm';
import { type Owner } from '../../src/common/owner.js';
import { OwnerNotBound } from '../../src/database/database.errors.js';
import { type Reader } from '../../src/database/reader.js';
import { ownedBy } from '../../src/database/scope.js';
import { allOf, joinSql, ownerless, sql, sqlText } from '../../src/database/sql.js';
import { ANN, BOB, eachSpecimenStore, EVERYBODY, specimen, Specimen, Tag } from './specimens.js';

const ID = { id: 'text' } as const;
const ann = ANN.owner;
const bob = BOB.owner;

eachSpecimenStore((store) => {
  beforeAll(async () => {
    await store.database.transact(EVERYBODY, async (tx) => {
      await tx.insert(Specimen, [
        ...['a1', 'a2'].map((id) => specimen(id)),
        ...['b1', 'b2', 'b3'].map((id) => specimen(id, { owner: bob })),
      ]);
      await tx.insert(Tag, [{ subject: 'nobody', tag: 's' }]);
    });
  });

  /** The same question through each kind of leave. */
  async function everywhere<T>(scope: typeof ANN | typeof EVERYBODY, ask: (reader: Reader) => Promise<T>): Promise<T> {
    const read = await store.database.read(scope, ask);
    expect(await store.database.snapshot(scope, ask)).toEqual(read);
    expect(await store.database.transact(scope, ask)).toEqual(read);
    return read;
  }

  it.each([
    ['nothing at all', sql`SELECT id FROM specimens`],
    ['an owner by hand', sql`SELECT id FROM specimens WHERE owner = ${'ann'}`],
    [
      'conditions that are put together',
      sql`SELECT id FROM specimens WHERE ${allOf([sql`id > ${'a'}`, joinSql([sqlText('TRUE')], ' OR ')])}`,
    ],
  ])('refuses a query that says %s', async (_, query) => {
    for (const scope of [ANN, EVERYBODY]) {
      await expect(store.database.read(scope, (reader) => reader.query(query, ID))).rejects.toThrow(OwnerNotBound);
      await expect(store.database.read(scope, (reader) => reader.scan(query, ID))).rejects.toThrow(OwnerNotBound);
      await expect(store.database.snapshot(scope, (reader) => reader.query(query, ID))).rejects.toThrow(OwnerNotBound);
      await expect(store.database.transact(scope, (tx) => tx.query(query, ID))).rejects.toThrow(OwnerNotBound);
    }
    await expect(store.database.read(ANN, (reader) => reader.select(Specimen, 's', sql``))).rejects.toThrow(
      OwnerNotBound,
    );
    await expect(store.database.read(ANN, (reader) => reader.pick(Specimen, ['id'], 's', sql``))).rejects.toThrow(
      OwnerNotBound,
    );
  });

  it('does not show the values of a query that it refuses', async () => {
    const query = sql`SELECT id FROM specimens WHERE label = ${'secret label'}`;
    const error = await store.database.read(ANN, (reader) => reader.query(query, ID)).catch((thrown: Error) => thrown);
    expect(String(error)).not.toContain('secret');
  });

  it('binds queries, however deep in them the owner stands', async () => {
    const ask = async (reader: Reader) => {
      const own = allOf([sql`s.id <> ${'a2'}`, reader.owned('s')]);
      return (await reader.query(sql`SELECT s.id FROM specimens s WHERE ${own} ORDER BY s.id`, ID)).map(({ id }) => id);
    };
    expect(await everywhere(ANN, ask)).toEqual(['a1']);
    expect(await everywhere(BOB, ask)).toEqual(['b1', 'b2', 'b3']);
    expect(await everywhere(EVERYBODY, ask)).toEqual(['a1', 'b1', 'b2', 'b3']);
  });

  it('lets pass a query about nobody’s rows that says so', async () => {
    const ask = (reader: Reader) =>
      reader.query(sql`SELECT t.tag FROM tags t WHERE ${ownerless('tags are nobody’s')}`, { tag: 'text' });
    expect(await everywhere(ANN, ask)).toEqual([{ tag: 's' }]);
  });

  const ids = async (rows: Promise<Specimen[]>) => (await rows).map(({ id }) => id).sort();
  it.each<[string, (reader: Reader) => Promise<unknown>, unknown]>([
    ['no condition', (reader) => ids(reader.rows(Specimen).find()), ['a1', 'a2']],
    ['an empty condition', (reader) => ids(reader.rows(Specimen).find({ where: {} })), ['a1', 'a2']],
    ['another owner', (reader) => ids(reader.rows(Specimen).find({ where: { owner: bob } })), ['a1', 'a2']],
    ['not this owner', (reader) => ids(reader.rows(Specimen).find({ where: { owner: Not(ann) } })), ['a1', 'a2']],
    [
      'several owners',
      (reader) => ids(reader.rows(Specimen).find({ where: { owner: In(['ann', 'bob']) } })),
      ['a1', 'a2'],
    ],
    [
      'a choice',
      (reader) =>
        ids(
          reader.rows(Specimen).find({ where: [{ id: 'a1' }, { id: 'b1' }, { owner: bob }, { id: In(['b2', 'a1']) }] }),
        ),
      ['a1', 'a2'],
    ],
    ['a choice of one thing', (reader) => ids(reader.rows(Specimen).find({ where: [{ id: 'b1' }] })), []],
    [
      'a choice with no condition in it',
      (reader) => ids(reader.rows(Specimen).find({ where: [{ id: 'b1' }, {}] })),
      ['a1', 'a2'],
    ],
    ['a choice among nothing', (reader) => ids(reader.rows(Specimen).find({ where: [] })), []],
    ['order and number', (reader) => ids(reader.rows(Specimen).find({ order: { id: 'DESC' }, take: 1 })), ['a2']],
    ['one of another', (reader) => reader.rows(Specimen).findOne({ id: 'b1' }), null],
    ['one by owner', async (reader) => (await reader.rows(Specimen).findOne({ owner: bob, id: Not('a1') }))?.id, 'a2'],
    ['a count', (reader) => reader.rows(Specimen).count(), 2],
    ['a count of another’s', (reader) => reader.rows(Specimen).count({ owner: bob }), 2],
    ['what is nobody’s', (reader) => reader.rows(Tag).count(), 1],
  ])('narrows rows(): %s', async (_, ask, expected) => {
    expect(await everywhere(ANN, ask)).toEqual(expected);
  });

  it('narrows nothing for a leave of every owner, which still finds nothing among no choice', async () => {
    expect(await everywhere(EVERYBODY, (reader) => reader.rows(Specimen).count())).toBe(5);
    expect(await everywhere(EVERYBODY, (reader) => ids(reader.rows(Specimen).find({ where: { owner: bob } })))).toEqual(
      ['b1', 'b2', 'b3'],
    );
    expect(await everywhere(EVERYBODY, (reader) => ids(reader.rows(Specimen).find({ where: [] })))).toEqual([]);
  });

  it('finds no "one" without a condition, and takes no undefined or null for one', async () => {
    for (const where of [{}, { id: undefined }, { id: null as unknown as undefined }]) {
      await expect(store.database.read(EVERYBODY, (reader) => reader.rows(Specimen).findOne(where))).rejects.toThrow();
      await expect(store.database.read(ANN, (reader) => reader.rows(Specimen).findOne(where))).rejects.toThrow();
    }
    await expect(
      store.database.read(ANN, (reader) => reader.rows(Specimen).find({ where: { note: undefined } })),
    ).rejects.toThrow();
  });

  it('lets nobody be the owner by a name that looks like SQL', async () => {
    const clever = ownedBy("x' OR '1'='1" as Owner);
    expect(await store.database.read(clever, (reader) => reader.rows(Specimen).count())).toBe(0);
    const query = (reader: Reader) => reader.query(sql`SELECT s.id FROM specimens s WHERE ${reader.owned('s')}`, ID);
    expect(await store.database.read(clever, query)).toEqual([]);
  });
});
