// A world in which one program runs: accounts of its own on both sides, and requests as the oracle reads them and as the service does.
import { type Amount } from '../../src/common/amount.js';
import { type Currency } from '../../src/common/currency.js';
import { type Owner } from '../../src/common/owner.js';
import { type Json } from '../support/builders.js';
import { type Answer, type TestApp } from '../support/test-app.js';
import { type Bank, newId } from './bank.js';
import { type Deed, Oracle, type Request, type Told } from './oracle.js';
import { type Asked, type AskedLegs } from './oracle-legs.js';
import { type Account } from './oracle-state.js';
import { HOLD_MS, type Pair, type Row, type Step } from './programs.js';

const NAMES = ['mint', 'coins', 'ada1', 'ada2', 'bob1', 'bob2', 'gold1', 'gold2', 'manual', 'nobody'] as const;
const OWNERS = [undefined, undefined, undefined, undefined, undefined, undefined, 'ada', 'bob'] as const;

let worlds = 0;

/** Accounts of one program's own, on both sides; and the names that both sides have for one thing. */
export class World {
  /** What the oracle calls something, by the service's id. */
  private readonly names = new Map<string, string>();
  private readonly ids = new Map<string, string>();
  readonly asked: Request[] = [];

  private constructor(
    private readonly app: TestApp,
    private readonly keys: ReadonlyMap<string | undefined, string>,
    readonly oracle: Oracle,
    private readonly tag: string,
  ) {}

  static async open(app: TestApp, bank: Bank, keys: ReadonlyMap<string | undefined, string>): Promise<World> {
    worlds += 1;
    const tag = `W${worlds}`;
    const accounts = NAMES.slice(0, -1).map((name): Account => {
      const isSystem = name === 'mint' || name === 'coins';
      const owner = isSystem ? 'system' : (/^(ada|bob)/.exec(name)?.[0] ?? 'ada');
      const currency = name === 'coins' || name.startsWith('gold') ? 'XGC' : 'USD';
      const limit = name === 'ada2' || name === 'gold2' ? 500n : 0n;
      return {
        name,
        number: `${tag}-${name.toUpperCase()}`,
        owner,
        currency,
        isSystem,
        isBook: name !== 'manual',
        isClosed: false,
        limit,
        ledger: 0n,
        held: 0n,
      };
    });
    const inserted = await bank.insert(
      accounts.map(({ name, owner, currency, isSystem, isBook, limit, number }) => ({
        owner: owner as Owner,
        currency: currency as Currency,
        kind: isBook ? 'book' : 'manual',
        accountNumber: number,
        systemRole: isSystem ? `${tag} ${name}` : null,
        overdraftLimit: limit as Amount,
      })),
    );
    const [last] = (await app.get('/v1/transfers?limit=1')).body.data;
    const now = Date.parse(app.clock.now());
    const state = { now, seq: Number(last?.seq ?? 0), stood: new Set<string>(), transfers: [], holds: new Map() };
    const world = new World(
      app,
      keys,
      new Oracle({ ...state, accounts: new Map(accounts.map((one) => [one.name, one])) }),
      tag,
    );
    accounts.forEach(({ name }, index) => world.bind(name, inserted[index]!.id));
    world.bind('nobody', `acc_${'e'.repeat(32)}`);
    for (const [name, amount] of [
      ['ada1', '30.00'],
      ['bob1', '20.00'],
      ['ada2', '5.00'],
    ] as const)
      await world.both({
        deed: { do: 'transfer', asked: { from: 'mint', to: name, amount } },
        by: undefined,
        dryRun: false,
      });
    return world;
  }

  /** The step as a request of which both sides know what it is about. */
  requestOf({ make: made, by, once, dryRun }: Extract<Step, { is: 'request' }>): Request {
    const { holds, transfers } = this.oracle.books;
    const nth = (names: readonly string[], index: number) => names[index % names.length] ?? 'none';
    const deed = ((): Deed => {
      switch (made.do) {
        case 'transfer':
          return { do: 'transfer', asked: this.rowOf(made.row) };
        case 'bulk':
          return { ...made, rows: made.rows.map((one) => this.rowOf(one)) };
        case 'hold': {
          const expiresAt = made.lasts === undefined ? undefined : this.oracle.books.now + made.lasts * HOLD_MS;
          return { do: 'hold', asked: this.pairOf(made.pair, 'hld'), expiresAt };
        }
        case 'reverse':
          return {
            do: 'reverse',
            transfer: nth(
              transfers.map(({ name }) => name),
              made.transfer,
            ),
          };
        default:
          return { ...made, hold: nth([...holds.keys()], made.hold) };
      }
    })();
    return { deed, by: OWNERS[by], onceKey: once === undefined ? undefined : `${this.tag}-${once}`, dryRun };
  }

  /** Asks both, and answers what each told, in the oracle's names. */
  async both(asked: Request): Promise<readonly [Told, Told]> {
    this.asked.push(asked);
    const expected = this.oracle.answer(asked);
    return [expected, this.told(asked, await this.send(asked), expected)];
  }

  send({ deed, by, onceKey, dryRun }: Request): Promise<Answer> {
    const headers = onceKey === undefined ? {} : { headers: { 'idempotency-key': onceKey } };
    const [url, body] = this.httpOf(deed);
    const dry = dryRun ? { dryRun } : {};
    return this.app.post(url, { ...body, ...dry }, { key: this.keys.get(by), ...headers });
  }

  async edit(name: string, to: 'closed' | 'open' | bigint): Promise<readonly [Told, Told]> {
    const expected = this.oracle.edit(name, to);
    const { currency } = this.oracle.books.accounts.get(name)!;
    const limit = typeof to === 'bigint' ? String(currency === 'USD' ? Number(to) / 100 : to) : undefined;
    const set = limit === undefined ? { status: to } : { overdraftLimit: limit };
    const { status, body } = await this.app.patch(`/v1/accounts/${this.idOf(name)}`, set);
    return [expected, { status, body: status === 200 ? null : body.code }];
  }

  idOf(name: string): string {
    return this.ids.get(name) ?? name;
  }

  private rowOf(given: Row): Asked | AskedLegs {
    if (!('legs' in given)) return this.pairOf(given, 'trf');
    return {
      id: this.clientsId(given.id, 'trf'),
      legs: given.legs.map(({ account, amount }) => ({ account: NAMES[account]!, amount })),
    };
  }

  private pairOf({ id: slot, from, to, byNumber, ...rest }: Pair, noun: 'trf' | 'hld'): Asked {
    const number = (place: number) =>
      byNumber && place < 9 ? `${this.tag}-${NAMES[place]!.toUpperCase()}` : NAMES[place]!;
    return { ...rest, id: this.clientsId(slot, noun), from: NAMES[from]!, to: number(to) };
  }

  /** The same slot is the same id throughout the program. */
  private clientsId(slot: number | undefined, noun: 'trf' | 'hld'): string | undefined {
    if (slot === undefined) return undefined;
    const name = `${noun} ${slot}`;
    if (!this.ids.has(name)) this.bind(name, newId(noun));
    return name;
  }

  private bind(name: string, serviceId: string): void {
    this.ids.set(name, serviceId);
    this.names.set(serviceId, name);
  }

  private httpOf(deed: Deed): readonly [string, object] {
    const id = (name: string | undefined) => (name === undefined ? undefined : this.idOf(name));
    const bodyOf = (asked: Asked | AskedLegs): object =>
      'legs' in asked
        ? { id: id(asked.id), legs: asked.legs.map(({ account, amount }) => ({ account: this.idOf(account), amount })) }
        : { ...asked, id: id(asked.id), from: this.idOf(asked.from), to: this.idOf(asked.to) };
    switch (deed.do) {
      case 'transfer':
        return ['/v1/transfers', bodyOf(deed.asked)];
      case 'bulk':
        return ['/v1/transfers/bulk', { mode: deed.mode, transfers: deed.rows.map(bodyOf) }];
      case 'hold':
        return [
          '/v1/holds',
          {
            ...bodyOf(deed.asked),
            expiresAt: deed.expiresAt === undefined ? undefined : new Date(deed.expiresAt).toISOString(),
          },
        ];
      case 'capture':
        return [`/v1/holds/${this.idOf(deed.hold)}/capture`, { amount: deed.amount }];
      case 'release':
        return [`/v1/holds/${this.idOf(deed.hold)}/release`, {}];
      case 'reverse':
        return [`/v1/transfers/${this.idOf(deed.transfer)}/reverse`, {}];
    }
  }

  /** What the service told, in the oracle's names; something new is called what the oracle expects it to be. */
  private told({ deed, dryRun }: Request, { status, body }: Answer, expected: Told): Told {
    if (status >= 300) return { status, body: body.code };
    const want = expected.body as Json;
    if (deed.do === 'bulk')
      return {
        status,
        body: body.data.map(
          (one: Json, index: number) => one.problem?.code ?? this.transfer(one.transfer, want?.[index]),
        ),
      };
    if (deed.do === 'transfer' || deed.do === 'reverse') return { status, body: this.transfer(body, want) };
    const became =
      body.transfer === undefined || body.transfer === null ? null : this.transfer(body.transfer, want?.became);
    const name = dryRun && want?.name === null ? null : this.nameOf(body.id, want?.name);
    const { memo, amount, captured } = body;
    const transfer = body.transferId === null || body.transfer?.dryRun === true ? null : this.nameOf(body.transferId);
    const told = {
      name,
      status: body.status,
      from: this.nameOf(body.from),
      to: this.nameOf(body.to),
      memo,
      amount,
      captured,
      transfer,
    };
    return { status, body: deed.do === 'hold' ? told : { ...told, became } };
  }

  private transfer({ id: serviceId, seq, kind, memo, reverses, holdId, lines, dryRun }: Json, want: Json): object {
    return {
      name: dryRun ? null : this.nameOf(serviceId, want?.name),
      seq,
      kind,
      memo,
      reverses: reverses && this.nameOf(reverses),
      hold: holdId && this.nameOf(holdId),
      lines: lines.map((line: Json) => [this.nameOf(line.accountId), line.amount, line.balance]),
    };
  }

  private nameOf(serviceId: string, expected?: string): string {
    const name = this.names.get(serviceId);
    if (name !== undefined) return name;
    if (expected === undefined || expected === null || this.ids.has(expected)) return serviceId;
    this.bind(expected, serviceId);
    return expected;
  }
}
