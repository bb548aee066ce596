// `passbook seed system` as an operator types it: with every release, twice at once, beside a server, and with a list that cannot be.
import { describe, expect, it } from 'vitest';
import { EXIT } from '../../src/common/exit-codes.js';
import { UuidV7Source } from '../../src/common/ids.js';
import { type Ended, startNode } from '../migrations/processes.js';
import { bodyOf } from '../support/builders.js';
import { eachStore } from '../support/each-store.js';
import { HeldClock, TestApp } from '../support/test-app.js';
import { runHere } from './run-here.js';

const BANK = 'treasury:USD,house:USD:1000.00,treasury:XGC,house:XGC:5';

eachStore((store) => {
  const environment = (accounts?: string) => ({
    ...store.environment,
    ...(accounts === undefined ? {} : { SYSTEM_ACCOUNTS: accounts }),
  });
  const seed = (accounts?: string, ...args: string[]): Promise<Ended> =>
    runHere(['seed', 'system', ...args], environment(accounts));
  /** Its ids beside those of other services on the store. */
  const start = (): Promise<TestApp> => {
    const clock = new HeldClock();
    return TestApp.start(store, clock, { ids: new UuidV7Source(clock) });
  };
  const fundsOf = ({ stdout }: Ended): string[] =>
    stdout
      .trimEnd()
      .split('\n')
      .map((line) => line.split(/ {2,}/).slice(2).join(' '));

  describe('refuses', () => {
    it.each([
      ['an opening without a treasury', 'house:USD:5'],
      ['an opening out of the treasury of another currency', 'treasury:XGC,house:USD:5'],
      ['an opening of the treasury itself', 'treasury:USD:5'],
      ['one of them twice', 'treasury:USD,treasury:USD'],
      ['an opening below zero', 'treasury:USD,house:USD:-5'],
      ['what is no list', 'treasury'],
    ])('%s: as configuration', async (_, accounts) => {
      const { code, stdout, stderr } = await seed(accounts);
      expect({ code, stdout }).toEqual({ code: EXIT.configuration, stdout: '' });
      expect(stderr).toContain('SYSTEM_ACCOUNTS');
    });

    it.each([
      [
        'a currency that is not known here',
        'treasury:USD,house:USD:5,treasury:QQQ',
        /treasury:QQQ: the currency must be an ISO 4217 code/,
      ],
      ['an opening finer than its currency', 'treasury:USD,house:USD:5,treasury:XGC,house:XGC:0.5', /house:XGC/],
    ])('%s, before anything is made', async (_, accounts, words) => {
      const { code, stdout, stderr } = await seed(accounts);
      expect({ code, stdout }).toEqual({ code: EXIT.failed, stdout: '' });
      expect(stderr).toMatch(words);
      const app = await start();
      expect((await app.get('/v1/accounts')).body.data).toEqual([]);
      await app.stop();
    });

    it('an option that it does not have', async () => {
      expect((await seed(undefined, '--all')).code).toBe(EXIT.usage);
    });
  });

  it('makes what the list names, once, whoever else does so in that moment', async () => {
    // SQLite has one that writes: the other is told to come again.
    const many = await Promise.all(
      Array.from(
        { length: store.engine === 'postgres' ? 3 : 1 },
        () => startNode('dist/src/cli/passbook.js', ['seed', 'system'], environment(BANK)).ended,
      ),
    );
    expect(many.map(({ code, stderr }) => [code, stderr])).toEqual(many.map(() => [EXIT.ok, '']));
    const funds = many.flatMap(fundsOf);
    for (const line of ['treasury USD made no opening', 'house USD made', 'house XGC made'])
      expect(funds.filter((one) => one.startsWith(line))).toHaveLength(1);
    const again = await seed(BANK);
    expect(fundsOf(again)).toEqual([
      'treasury USD was there no opening',
      'house USD was there opening was paid before: 1000.00',
      'treasury XGC was there no opening',
      'house XGC was there opening was paid before: 5',
    ]);
    const { data } = JSON.parse((await seed(BANK, '--json')).stdout);
    expect(data[1]).toEqual({
      role: 'house',
      currency: 'USD',
      opening: '1000.00',
      id: expect.stringMatching(/^acc_/),
      accountNumber: expect.stringMatching(/^NC-/),
      isNew: false,
      funds: 'standing',
    });
  });

  it('leaves the books balanced, and what it did not make stays as it is', async () => {
    const app = await start();
    const [house] = (await bodyOf(app.get('/v1/accounts?systemRole=house&currency=USD'))).data;
    expect(house).toMatchObject({ owner: 'system', kind: 'book', balance: { ledger: '1000.00' } });
    const { data: transfers } = await bodyOf(app.get('/v1/transfers?kind=opening'));
    expect(transfers.map(({ memo }: { memo: string }) => memo).sort()).toEqual([
      'Opening of house USD',
      'Opening of house XGC',
    ]);
    const { data: sums } = await bodyOf(app.get('/v1/trial-balance'));
    expect(sums.map(({ currency, sum }: Record<string, string>) => [currency, sum])).toEqual([
      ['USD', '0.00'],
      ['XGC', '0'],
    ]);
    const beside = await seed(`${BANK.replace('1000.00', '7.00')},pot:USD:2.50`);
    if (store.engine === 'sqlite')
      expect(beside).toEqual({ code: EXIT.inUse, stdout: '', stderr: expect.stringContaining('server') });
    else {
      expect(beside.code).toBe(EXIT.ok);
      expect(fundsOf(beside).at(-1)).toBe('pot USD made opening paid: 2.50');
      expect((await bodyOf(app.get(`/v1/accounts/${house.id}`))).balance.ledger).toBe('1000.00');
    }
    await app.stop();
  });
});
