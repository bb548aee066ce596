// `passbook smoke` against a real server: it passes where all is well, says what is not, and leaves nothing behind.
import { createServer, type Server } from 'node:http';
import { type AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { smokeCommand } from '../../src/cli/smoke/smoke.command.js';
import { EXIT } from '../../src/common/exit-codes.js';
import { ServerProcess } from '../crash/server-process.js';
import { type Ended, startNode } from '../migrations/processes.js';
import { eachStore } from '../support/each-store.js';
import { TestApp } from '../support/test-app.js';

const PASSED = ['alive', 'ready', 'closed to strangers', 'read with the key', 'an account to write to', 'write'];
const AFTER_WRITE = ['the same write again is the same line', 'read back what was written', 'clean up'];

function smoke(args: readonly string[], key?: string): Promise<Ended> {
  const environment: Record<string, string> = key === undefined ? {} : { PASSBOOK_API_KEY: key };
  return startNode('dist/src/cli/passbook.js', ['smoke', ...args], environment).ended;
}

eachStore((store) => {
  let server: ServerProcess;
  let url: string;
  let keys: { admin: string; bound: string; reading: string };
  beforeAll(async () => {
    const app = await TestApp.start(store);
    keys = {
      admin: app.key,
      bound: await app.keyFor({ scope: 'write', owner: 'ann' }),
      reading: await app.keyFor({ scope: 'read' }),
    };
    await app.stop();
    server = await ServerProcess.start(store.environment, keys.admin);
    url = `http://127.0.0.1:${server.client.port}`;
  });
  afterAll(() => server.terminate());

  const outcomes = (json: string): Record<string, string[]> => {
    const { steps } = JSON.parse(json) as { steps: { name: string; outcome: string }[] };
    const named: Record<string, string[]> = {};
    for (const { name, outcome } of steps) (named[outcome] ??= []).push(name);
    return named;
  };

  it('passes with a key that writes, bound or not, again and again, and leaves no line', async () => {
    for (const key of [keys.admin, keys.bound, keys.admin]) {
      const { code, stdout, stderr } = await smoke([url, '--json'], key);
      expect({ code, stderr, ...outcomes(stdout) }).toEqual({
        code: 0,
        stderr: '',
        passed: [...PASSED, ...AFTER_WRITE],
      });
    }
    const { body } = await server.client.get('/v1/accounts');
    expect(body.data.map(({ owner }: { owner: string }) => owner).sort()).toEqual(['ann', 'smoke']);
    expect((await server.client.get('/v1/transactions')).body.data).toEqual([]);
  });

  it('says in lines and a summary what it did', async () => {
    const { code, stdout } = await smoke([`${url}/`, '--read-only', '--wait', '5'], keys.reading);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^passed {3}alive .* http.*\/livez$/m);
    expect(stdout).toMatch(/^skipped {2}write .*$/m);
    expect(stdout).toContain('Passed: 4  Failed: 0  Skipped: 5  Total: 9\n');
    expect(stdout).not.toContain(keys.reading);
  });

  it('tries what is open to everybody when it has no key, and fails with one that may not write', async () => {
    expect(outcomes((await smoke([url, '--json'])).stdout)).toMatchObject({
      passed: ['alive', 'ready', 'closed to strangers'],
    });
    const { code, stdout } = await smoke([url, '--json'], keys.reading);
    expect(code).toBe(EXIT.failed);
    expect(outcomes(stdout)['failed']).toEqual(['write']);
    expect(stdout).toContain('scope_insufficient');
  });
});

it('fails where nobody listens, and where somebody else does', async () => {
  const other: Server = createServer((_request, response) => response.end('<html>hello</html>')).listen(0, '127.0.0.1');
  await new Promise((resolve) => other.once('listening', resolve));
  const { port } = other.address() as AddressInfo;
  const stranger = await smoke([`http://127.0.0.1:${port}`]);
  expect([stranger.code, stranger.stdout]).toEqual([EXIT.failed, expect.stringContaining('is this Passbook?')]);
  await new Promise((resolve) => other.close(resolve));
  const nobody = await smoke([`http://127.0.0.1:${port}`, '--timeout', '2']);
  expect([nobody.code, nobody.stdout]).toEqual([EXIT.failed, expect.stringContaining('ECONNREFUSED')]);
});

it.each([
  ['an address that is none', ['passbook.example.com']],
  ['an address with a key in it', ['https://pbk_1@passbook.example.com']],
  ['a key that is none', ['http://127.0.0.1:1', '--key', 'secret']],
  ['a file that is not there', ['http://127.0.0.1:1', '--key-file', '/nonexistent']],
])('refuses %s before it asks anybody', async (_, args) => {
  const command = smokeCommand()
    .exitOverride()
    .configureOutput({ writeErr: () => undefined });
  await expect(command.parseAsync(args, { from: 'user' })).rejects.toThrow(/must|none|cannot be read/);
});
