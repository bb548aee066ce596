// `passbook keys` as an operator types it: the first key of a fresh store, beside a running server and without one.
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { EXIT } from '../../src/common/exit-codes.js';
import { ServerProcess } from '../crash/server-process.js';
import { type Ended, startNode } from '../migrations/processes.js';
import { eachStore } from '../support/each-store.js';

const SECOND_MS = 1_000;

eachStore((store) => {
  const keys = (...args: string[]): Promise<Ended> =>
    startNode('dist/src/cli/passbook.js', ['keys', ...args], store.environment).ended;
  const json = async (...args: string[]) => {
    const { code, stdout, stderr } = await keys(...args, '--json');
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    return JSON.parse(stdout);
  };

  it('makes the first key of a store, which lets in until it is revoked, and says when it was last used', async () => {
    expect((await keys('list')).stdout).toBe('There are no keys.\n');
    const made = await json('create', '--name', 'first admin', '--scope', 'admin');
    const { key, ...view } = made;
    expect(view).toMatchObject({ name: 'first admin', scope: 'admin', owner: null, lastUsedAt: null, revokedAt: null });

    const server = await ServerProcess.start(store.environment, key);
    const opened = await server.client.post('/v1/accounts', { kind: 'manual', name: 'Cash', currency: 'USD' });
    expect(opened.status).toBe(201);
    if (store.engine === 'postgres') {
      const bound = await json('create', '--name', 'bound', '--owner', 'ann', '--expires', '2999-01-01T00:00:00Z');
      expect(bound).toMatchObject({ scope: 'read', owner: 'ann', expiresAt: '2999-01-01T00:00:00.000Z' });
      const client = server.client.as(bound.key);
      expect(await client.get('/v1/accounts')).toMatchObject({ status: 200, body: { data: [] } });
      await json('revoke', bound.id);
      await sleep(SECOND_MS);
      expect((await client.get('/v1/accounts')).status).toBe(401);
      client.close();
    } else {
      const { code, stderr } = await keys('create', '--name', 'beside', '--scope', 'read');
      expect({ code, stderr }).toEqual({ code: EXIT.inUse, stderr: expect.stringContaining('server') });
    }
    expect((await server.terminate()).code).toBe(0);

    const { data } = await json('list');
    const [first] = data;
    expect(first).toEqual({ ...view, lastUsedAt: expect.stringMatching(/^\d{4}-.*Z$/) });
    expect((await keys('list')).stdout).toContain(`used ${first.lastUsedAt}`);
    expect(JSON.stringify(data)).not.toContain(key);
    expect(await json('revoke', view.id)).toMatchObject({ id: view.id, revokedAt: expect.any(String) });
    expect((await keys('list')).stdout).toContain('revoked');
  });

  it.each([
    ['a scope that is none', ['create', '--name', 'x', '--scope', 'root']],
    ['no name', ['create']],
    ['an owner of no form', ['create', '--name', 'x', '--owner', 'a b']],
    ['a moment that is none', ['create', '--name', 'x', '--expires', 'tomorrow']],
    ['an id of no form', ['revoke', 'key_1']],
  ])('refuses %s', async (_, args) => {
    const { code, stdout, stderr } = await keys(...args);
    expect({ code, stdout }).toEqual({ code: EXIT.usage, stdout: '' });
    expect(stderr).not.toBe('');
  });
});
