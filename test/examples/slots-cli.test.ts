// The game bank of examples/slots as its README tells people to run it.
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Ended, startNode } from '../migrations/processes.js';
import { allPages } from '../support/builders.js';
import { eachStore } from '../support/each-store.js';
import { share } from '../support/share.js';
import { Casino } from './casino.js';

eachStore((store) => {
  let casino: Casino;
  beforeAll(async () => {
    casino = await Casino.open(store);
  });
  afterAll(() => casino.close());

  const start = (...args: readonly string[]): ReturnType<typeof startNode> =>
    startNode('examples/slots/slots.mjs', [...args, '--currency', 'USD'], {
      PASSBOOK_URL: casino.url,
      PASSBOOK_KEY: casino.app.key,
    });
  const slots = (...args: readonly string[]): Promise<Ended> => start(...args).ended;
  const play = (player: string, ...args: readonly string[]): Promise<Ended> =>
    slots('play', '--game', 'starlight-smuggler', '--player', player, ...args);

  it('a round that is started again shows what was played, and plays what is missing', async () => {
    const first = await play('kim', '--bet', '0.10', '--round', 'tuesday', '--spins', '3');
    expect(first).toMatchObject({ code: 0, stderr: '' });
    const [title, ...spins] = first.stdout.trimEnd().split('\n').slice(0, -1);
    expect(title).toBe('Starlight Smuggler, round tuesday');
    expect(spins).toHaveLength(3);
    const more = (await play('kim', '--bet', '0.10', '--round', 'tuesday', '--spins', '4')).stdout
      .trimEnd()
      .split('\n');
    expect(more.slice(0, 4)).toEqual([title, ...spins]);
    expect(more).toHaveLength(6);
    expect(more.at(-1)).toMatch(/^kim has \d+\.\d\d USD and [0-9]+ free spins\.$/);
  });

  it('killed in the middle of a round and started again, it ends with every spin played once and told the same', async () => {
    const spins = 25;
    for (let nth = 0; nth < share({ test: 1, prove: 20 }); nth++) {
      const round = ['--round', `killed ${nth}`, '--spins', String(spins)];
      const { child, ended } = start('play', '--game', 'starlight-smuggler', '--player', 'max', ...round);
      child.stdout!.on('data', () => child.kill('SIGKILL'));
      const told = (await ended).stdout.split('\n').slice(0, -1);
      const again = (await play('max', ...round)).stdout.split('\n');
      expect(again.slice(0, told.length)).toEqual(told);
      const bets = await allPages(casino.app, '/v1/transfers?kind=bet&limit=500');
      expect(bets.filter(({ metadata }) => metadata.spin.startsWith(`killed ${nth}/`))).toHaveLength(spins);
    }
  });

  it('many play at once, and it says whether the books are right', async () => {
    const { code, stdout, stderr } = await slots('simulate', '--players', '3', '--spins', '2', '--bet', '0.05');
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toMatch(/^glitch-grid: 3 spins, 0 refused; 0\.15 USD staked, [\d.]+ won, [\d.]+ %$/m);
    expect(stdout).toMatch(/The books are right\.\n$/);
  });

  it('what is refused is said in a sentence', async () => {
    const refused = { code: 1, stdout: 'Starlight Smuggler, round r\n' };
    const dear = await play('lou', '--round', 'r', '--bet', '500.00');
    expect(dear).toEqual({ ...refused, stderr: 'The house cannot cover the highest win of this bet at the moment.\n' });
    const odd = await play('lou', '--round', 'r', '--bet', '0.001');
    expect(odd).toEqual({ ...refused, stderr: '"0.001" is no amount with at most 2 decimals.\n' });
  });
});
