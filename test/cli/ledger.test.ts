// `passbook ledger` as an operator types it: whole books are called whole, what is off is named, and the chain is verified without any store.
import { createHash } from 'node:crypto';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { EXIT } from '../../src/common/exit-codes.js';
import { type Ended } from '../migrations/processes.js';
import { eachStore } from '../support/each-store.js';
import { temporaryFolder } from '../support/temporary-folder.js';
import { TestApp } from '../support/test-app.js';
import { Bank } from '../transfers/bank.js';
import { raw, tampered } from '../transfers/raw.js';
import { runHere } from './run-here.js';

const BEGIN = '0'.repeat(64);
const TRANSFERS = 6;

eachStore((store) => {
  const folder = mkdtempSync(join(temporaryFolder(), 'passbook-ledger-'));
  let app: TestApp;
  let bank: Bank;
  const ids: Record<string, string> = {};
  /** What `export` wrote. */
  let chain: string[];

  const ledger = (...args: string[]): Promise<Ended> => runHere(['ledger', ...args], store.environment);
  const whole = (hash: string, transfers = TRANSFERS): Ended => ({
    code: EXIT.ok,
    stdout: `The books are whole: ${transfers} transfers, ${transfers * 2} lines.\nThe chain ends with ${hash}\n`,
    stderr: '',
  });
  const broken = (words: string | RegExp): Ended => ({
    code: EXIT.failed,
    stdout: '',
    stderr: expect.stringMatching(words) as string,
  });
  const hashOf = (line: string): string => (JSON.parse(line) as { hash: string }).hash;

  function written(lines: readonly string[]): string {
    const path = join(folder, `${createHash('sha256').update(lines.join()).digest('hex').slice(0, 8)}.jsonl`);
    writeFileSync(path, lines.map((line) => `${line}\n`).join(''));
    return path;
  }

  beforeAll(async () => {
    app = await TestApp.start(store);
    bank = new Bank(app);
    expect(await ledger('verify')).toEqual(whole(BEGIN, 0));
    expect(await ledger('export')).toEqual({ code: EXIT.ok, stdout: '', stderr: '' });
    const [alice, bob] = [await bank.account('50.00'), await bank.account('0.01', { overdraftLimit: '9.00' })];
    const paid = await bank.pay(alice.id, bob.id, '5.00');
    const back = (await app.post(`/v1/transfers/${paid.id}/reverse`, { memo: 'İ "\u2028😀"' })).body;
    const hold = (await bank.hold(bob, alice, '4.00')).body;
    await app.post(`/v1/holds/${hold.id}/capture`, { amount: '2.00' });
    await bank.hold(alice, bob, '7.00');
    const last = await bank.pay(alice.id, bob.id, '1.00');
    Object.assign(ids, {
      alice: alice.id,
      bob: bob.id,
      paid: paid.id,
      back: back.id,
      last: last.id,
      line: paid.lines[0].id,
    });
    chain = (await ledger('export')).stdout.trimEnd().split('\n');
    expect(chain).toHaveLength(TRANSFERS);
  });
  afterAll(() => app.stop());

  describe('of a store, beside its server', () => {
    it('whole books are called whole, and end as they are exported', async () => {
      const end = hashOf(chain.at(-1)!);
      expect(await ledger('verify')).toEqual(whole(end));
      expect(await ledger('verify', '--expect', end)).toEqual(whole(end));
      const { stdout } = await ledger('verify', '--json');
      expect(JSON.parse(stdout)).toEqual({
        whole: true,
        transfers: TRANSFERS,
        lines: TRANSFERS * 2,
        hash: end,
        fault: null,
      });
    });

    it.each([
      [
        'transactions',
        'line',
        'amount',
        'amount - 1',
        /^The books are not whole\. line txn_\w+ of transfer 3 \(trf_\w+\): its amount is -501, and -500 by the entry\.\n$/,
      ],
      [
        'transfers',
        'paid',
        'entry',
        `REPLACE(entry, '"memo":null', '"memo":"x"')`,
        /transfer 3 \(trf_\w+\): its hash is \w{64}, and \w{64} by its entry and the hash before\.\n$/,
      ],
      ['transfers', 'paid', 'hash', `'${BEGIN}'`, /transfer 3 \(trf_\w+\): its hash is 0{64}, and/],
      ['transfers', 'paid', 'seq', '1000', /transfer 3 \(trf_\w+\): its entry says that it is transfer 4\.\n$/],
      [
        'accounts',
        'alice',
        'ledger',
        'ledger + 1',
        /account acc_\w+: its ledger is 5101 minor units, and 5100 by its lines\.\n$/,
      ],
      ['accounts', 'alice', 'held', '0', /account acc_\w+: 0 minor units are held on it, and 700 by its holds\.\n$/],
    ])('%s: %s, its %s, is named', async (table, of, column, expression, words) => {
      const found = await tampered(store.settings, [table, ids[of]!, column, expression], () => ledger('verify'));
      expect(found).toEqual(broken(words));
    });

    it('two that have changed places are named', async () => {
      const seq = (id: string, value: number) =>
        raw(store.settings, `UPDATE transfers SET seq = ${value} WHERE id = '${ids[id]}'`);
      await seq('paid', 1_000);
      await seq('back', 3);
      await seq('paid', 4);
      const found = await ledger('verify');
      await seq('paid', 1_000);
      await seq('back', 4);
      await seq('paid', 3);
      expect(found).toEqual(broken(/transfer 3 \(trf_\w+\): its entry says that it is transfer 4\.\n$/));
      expect((await ledger('verify')).code).toBe(EXIT.ok);
    });

    it('what is off is in the JSON, too', async () => {
      const found = await tampered(store.settings, ['transfers', ids['last']!, 'kind', "'gift'"], () =>
        ledger('verify', '--json'),
      );
      expect(found.code).toBe(EXIT.failed);
      expect(JSON.parse(found.stdout)).toMatchObject({
        whole: false,
        fault: { at: `transfer 6 (${ids['last']})`, what: 'its kind is gift, and transfer by its entry' },
      });
    });

    it('a hash that was kept elsewhere is another one', async () => {
      expect(await ledger('verify', '--expect', BEGIN)).toEqual({
        ...broken(/the end of the chain: its hash is \w{64}, and 0{64} was expected\.\n$/),
        stdout: expect.any(String),
      });
    });
  });

  describe('of a file, without any store', () => {
    const verify = (lines: readonly string[], ...args: string[]): Promise<Ended> =>
      runHere(['ledger', 'verify', '--file', written(lines), ...args], {});

    it('a chain as it was exported is whole, and so is its beginning: what it must end with is told', async () => {
      const end = hashOf(chain.at(-1)!);
      expect(await verify(chain, '--expect', end)).toEqual(whole(end));
      const cut = chain.slice(0, -1);
      expect(await verify(cut)).toEqual(whole(hashOf(cut.at(-1)!), TRANSFERS - 1));
      expect((await verify(cut, '--expect', end)).stderr).toContain(`${end} was expected`);
      expect(await verify([])).toEqual(whole(BEGIN, 0));
    });

    /** Another entry in the place of the third, and from there on hashes as whoever knows how would make them. */
    function forged(change: (entry: string) => string): string[] {
      let before = hashOf(chain[1]!);
      return chain.map((line, index) => {
        if (index < 2) return line;
        const { entry } = JSON.parse(line) as { entry: string };
        const text = index === 2 ? change(entry) : entry;
        before = createHash('sha256').update(`${before}\n${text}`).digest('hex');
        return JSON.stringify({ hash: before, entry: text });
      });
    }

    it.each<[string, () => string[], RegExp]>([
      ['the first left out', () => chain.slice(1), /transfer 1 \(trf_\w+\): its entry says that it is transfer 2/],
      [
        'one left out',
        () => chain.filter((_, index) => index !== 3),
        /transfer 4 \(trf_\w+\): its entry says that it is transfer 5/,
      ],
      ['two the other way round', () => [1, 0, 2, 3, 4, 5].map((index) => chain[index]!), /transfer 1 \(trf_\w+\)/],
      ['one twice', () => [...chain, chain.at(-1)!], /transfer 7 \(trf_\w+\): its entry says that it is transfer 6/],
      [
        'an amount',
        () => chain.map((line, index) => (index === 2 ? line.replace('-500', '-400') : line)),
        /transfer 3 \(trf_\w+\): its hash is/,
      ],
      ['a line of nothing', () => [...chain.slice(0, 2), 'nonsense'], /line 3 of .*: it is no link of a chain/],
      [
        'a link without an entry',
        () => [...chain.slice(0, 2), '{"hash":"x"}'],
        /line 3 of .*: it is no link of a chain/,
      ],
      [
        'an amount, sealed anew',
        () => forged((entry) => entry.replace('"-500"', '"-400"')),
        /transfer 3 \(trf_\w+\): the balance of acc_\w+ after it is 4500, and 4600 by its lines/,
      ],
      [
        'money out of nothing, sealed anew',
        () => forged((entry) => entry.replace('"-500"', '"-400"').replace('"4500"', '"4600"')),
        /transfer 3 \(trf_\w+\): its lines in USD sum to 100/,
      ],
      [
        'an amount that is none, sealed anew',
        () => forged((entry) => entry.replace('"-500"', '"-5.00"')),
        /transfer 3: its entry cannot be read/,
      ],
      ['no entry, sealed anew', () => forged(() => 'null'), /transfer 3: its entry cannot be read/],
      [
        'lines that are none, sealed anew',
        () => forged((entry) => entry.replace(/"lines":.*$/, '"lines":[null]}')),
        /transfer 3: its entry cannot be read/,
      ],
      [
        'another form, sealed anew',
        () => forged((entry) => entry.replace(',"id"', ', "id"')),
        /transfer 3 \(trf_\w+\): its entry is not in the form in which entries are sealed/,
      ],
    ])('%s is named', async (_, lines, words) => {
      expect(await verify(lines())).toEqual(broken(words));
    });

    it('a file that is not there is said to be so', async () => {
      const path = join(folder, 'none.jsonl');
      const { code, stdout, stderr } = await runHere(['ledger', 'verify', '--file', path], {});
      expect({ code, stdout }).toEqual({ code: EXIT.usage, stdout: '' });
      expect(stderr).toContain(`${path} cannot be read`);
    });
  });
});
