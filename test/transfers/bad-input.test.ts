// What nobody should send is refused by its name, with the place of each fault, and nothing is written.
import { afterAll, beforeAll, expect, it } from 'vitest';
import { everyRow } from '../changes/tables.js';
import { type Json } from '../support/builders.js';
import { eachStore } from '../support/each-store.js';
import { TestApp } from '../support/test-app.js';
import { Bank, type OpenedAccount } from './bank.js';

type Bad = readonly [what: string, fields: Readonly<Record<string, unknown>>, code: string, pointer: string];

const AMOUNTS: readonly Bad[] = [
  ...[5, 5.5, -1, 0, 1e15, true, [], {}, null, ['1.00']].map((amount): Bad => [
    `${JSON.stringify(amount)}`,
    { amount },
    'request_invalid',
    '/amount',
  ]),
  ...[
    'NaN',
    'Infinity',
    '-Infinity',
    '',
    ' 1',
    '1 ',
    '+1',
    '1e3',
    '0x10',
    '1,00',
    '.5',
    '5.',
    '01',
    '--1',
    '١',
    '1.00\u0000',
    '9'.repeat(26),
    '1'.repeat(10_000),
    `1.${'0'.repeat(11)}`,
  ].map((amount): Bad => [`"${amount.slice(0, 30)}"`, { amount }, 'request_invalid', '/amount']),
  ['10^15', { amount: '1000000000000000' }, 'amount_invalid', '/amount'],
  ['10^15 minor units and one', { amount: '10000000000000.01' }, 'amount_invalid', '/amount'],
  ['a tenth of a cent', { amount: '0.001' }, 'amount_invalid', '/amount'],
  ['zero', { amount: '0' }, 'amount_not_positive', '/amount'],
  ['negative', { amount: '-0.01' }, 'amount_not_positive', '/amount'],
];

const FIELDS: readonly Bad[] = [
  ['a memo of 10 kB', { memo: 'm'.repeat(10_000) }, 'request_invalid', '/memo'],
  ['a memo of 501', { memo: 'm'.repeat(501) }, 'request_invalid', '/memo'],
  ['an empty memo', { memo: '' }, 'request_invalid', '/memo'],
  ['NUL in a memo', { memo: 'a\u0000b' }, 'request_invalid', '/memo'],
  ['half a surrogate in a memo', { memo: 'a\ud800b' }, 'request_invalid', '/memo'],
  ['a memo that is a number', { memo: 1 }, 'request_invalid', '/memo'],
  ['a kind with a capital', { kind: 'Bet' }, 'request_invalid', '/kind'],
  ['a kind of 51', { kind: 'k'.repeat(51) }, 'request_invalid', '/kind'],
  ['a kind with a line feed', { kind: 'bet\n' }, 'request_invalid', '/kind'],
  ['an id of another noun', { id: `hlx_${'0'.repeat(32)}` }, 'request_invalid', '/id'],
  ['an id in capitals', { id: `trf_${'A'.repeat(32)}` }, 'request_invalid', '/id'],
  ['a currency in small letters', { currency: 'usd' }, 'request_invalid', '/currency'],
  ['no account', { from: undefined }, 'request_invalid', '/from'],
  ['an account that is a list', { to: ['acc'] }, 'request_invalid', '/to'],
  ['an account that is a pattern', { to: '%' }, 'request_invalid', '/to'],
  ['NUL in an account', { to: 'NC-\u0000-1' }, 'request_invalid', '/to'],
  ['dryRun as text', { dryRun: 'false' }, 'request_invalid', '/dryRun'],
  ['a field that is not known', { ammount: '1' }, 'request_invalid', '/ammount'],
  ['metadata that is a list', { metadata: [] }, 'request_invalid', '/metadata'],
  ['metadata that is no text', { metadata: { a: 1 } }, 'request_invalid', '/metadata'],
  ['metadata within metadata', { metadata: { a: {} } }, 'request_invalid', '/metadata'],
  [
    '51 names',
    { metadata: Object.fromEntries(Array.from({ length: 51 }, (_, index) => [`n${index}`, ''])) },
    'request_invalid',
    '/metadata',
  ],
  ['a name of 41', { metadata: { ['n'.repeat(41)]: '' } }, 'request_invalid', '/metadata'],
  ['a name of nothing', { metadata: { '': '' } }, 'request_invalid', '/metadata'],
  ['a text of 501', { metadata: { a: 't'.repeat(501) } }, 'request_invalid', '/metadata'],
  ['NUL in a text', { metadata: { a: '\u0000' } }, 'request_invalid', '/metadata'],
  ['NUL in a name', { metadata: { '\u0000': 'a' } }, 'request_invalid', '/metadata'],
  ['half a surrogate in a text', { metadata: { a: '\udc00' } }, 'request_invalid', '/metadata'],
  ['half a surrogate in a name', { metadata: { 'a\udc00': 'a' } }, 'request_invalid', '/metadata'],
  ['constructor as a name', { metadata: { constructor: 'a' } }, 'request_invalid', '/metadata/constructor'],
];

const BAD: readonly Bad[] = [...AMOUNTS, ...FIELDS];

eachStore((store) => {
  let app: TestApp;
  let alice: OpenedAccount;
  let bob: OpenedAccount;
  beforeAll(async () => {
    app = await TestApp.start(store);
    const bank = new Bank(app);
    [alice, bob] = [await bank.account('10.00'), await bank.account()];
  });
  afterAll(() => app.stop());

  const asked = (fields: object = {}) => ({ from: alice.id, to: bob.id, amount: '1.00', ...fields });
  const told = ({ status, body }: { status: number; body: Json }) => [
    status < 500 && status >= 400,
    body?.code,
    body?.errors?.map(({ pointer }: Json) => pointer),
  ];

  async function writesNothing(work: () => Promise<void>): Promise<void> {
    const before = await everyRow(app);
    await work();
    expect(await everyRow(app)).toBe(before);
  }

  it.each(['/v1/transfers', '/v1/holds'])('%s', (url) =>
    writesNothing(async () => {
      for (const [what, fields, code, pointer] of BAD) {
        const answer = await app.post(url, asked(fields));
        expect([what, ...told(answer)]).toEqual([what, true, code, [pointer]]);
      }
    }),
  );

  it('in bulk each is named at its row', () =>
    writesNothing(async () => {
      // Names like this one are refused wherever they stand, before there are rows.
      const rows = BAD.filter(
        ([, { metadata, dryRun }]) => dryRun === undefined && !Object.hasOwn(Object(metadata) as object, 'constructor'),
      );
      const body = { mode: 'independent', transfers: rows.map(([, fields]) => asked(fields)) };
      const answer = await app.post('/v1/transfers/bulk', body);
      expect([answer.status, answer.body.succeeded]).toEqual([200, 0]);
      expect(answer.body.data.map(({ problem }: Json) => [problem.code, problem.errors[0].pointer])).toEqual(
        rows.map(([, , code, pointer], index) => [code, `/transfers/${index}${pointer}`]),
      );
    }));

  it('__proto__ as a name, wherever it stands', () =>
    writesNothing(async () => {
      const body = JSON.stringify(asked({ metadata: { PROTO: 'x' } }));
      const proto = body.replace('PROTO', '__proto__');
      const top = `{"__proto__":{"amount":"9"},${JSON.stringify(asked()).slice(1)}`;
      for (const payload of [proto, top, `{"mode":"independent","transfers":[${proto}]}`]) {
        const answer = await app.call('POST', payload.includes('mode') ? '/v1/transfers/bulk' : '/v1/transfers', {
          payload,
        });
        expect(answer.status).toBe(400);
      }
    }));

  it('a key that is too long, or holds a space', () =>
    writesNothing(async () => {
      for (const key of ['k'.repeat(1_000), 'a b', 'ü', '']) {
        const answer = await app.post('/v1/transfers', asked(), { headers: { 'idempotency-key': key } });
        expect([answer.status, answer.body.code]).toEqual([400, 'idempotency_key_invalid']);
      }
    }));

  it('a body that is none', () =>
    writesNothing(async () => {
      for (const payload of ['', '[]', 'null', '"text"', '{', `{"amount":${'['.repeat(50)}${']'.repeat(50)}}`])
        expect((await app.call('POST', '/v1/transfers', { payload })).status).toBe(400);
    }));

  it('what is asked of lists', async () => {
    const queries = [
      'limit=0',
      'limit=x',
      'order=up',
      'kind=Bet',
      'accountId=acc_1',
      'from=yesterday',
      'cursor=x',
      'seq=1',
    ];
    for (const query of queries)
      expect([query, (await app.get(`/v1/transfers?${query}`)).status]).toEqual([query, 400]);
    for (const query of ['status=gone', 'accountId=x', 'cursor=x'])
      expect([query, (await app.get(`/v1/holds?${query}`)).status]).toEqual([query, 400]);
    for (const id of ['trf_x', `trf_${'0'.repeat(32)}`, '%00'])
      expect((await app.get(`/v1/transfers/${id}`)).status).toBe(404);
  });
});
