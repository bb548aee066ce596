// What is changed by a command has a name in the record, as what is changed by a request has a key.
import { expect, it } from 'vitest';
import { Change } from '../../src/changes/change.entity.js';
import { type Ended, startNode } from '../migrations/processes.js';
import { EVERYBODY } from '../support/builders.js';
import { eachStore } from '../support/each-store.js';

eachStore((store) => {
  it('`passbook keys` is recorded under its name, without the key', async () => {
    const keys = async (...args: string[]): Promise<Ended> => {
      const ended = await startNode('dist/src/cli/passbook.js', ['keys', ...args, '--json'], store.environment).ended;
      expect(ended).toMatchObject({ code: 0, stderr: '' });
      return ended;
    };
    const { id, key } = JSON.parse((await keys('create', '--name', 'first', '--scope', 'admin')).stdout);
    await keys('revoke', id);
    const { database } = await store.open();
    const changes = await database.read(EVERYBODY, (reader) => reader.rows(Change).find({ order: { id: 'ASC' } }));
    const by = { actor: 'passbook keys', requestId: null, owner: null, object: 'apiKey', objectId: id };
    expect(changes).toMatchObject([
      { kind: 'added', ...by },
      { kind: 'modified', ...by },
    ]);
    const text = JSON.stringify(changes.map(({ valueBefore, valueAfter }) => [valueBefore, valueAfter]));
    expect([text.includes('first'), text.includes(key.slice(-20))]).toEqual([true, false]);
  });
});
