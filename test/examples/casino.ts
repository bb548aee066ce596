// The real service with a house that has money, and the game bank's own connections to it: steady ones, and such as fail when a test wants it.
import { type Bank, openBank } from '../../examples/slots/bank.mjs';
import { type Game } from '../../examples/slots/game.mjs';
import { gameNamed } from '../../examples/slots/games.mjs';
import { unitsOf } from '../../examples/slots/money.mjs';
import { findHouse, type House } from '../../examples/slots/seats.mjs';
import { type SystemAccount } from '../../src/config/system-accounts.js';
import { openLedger } from '../../src/cli/ledger/open-ledger.js';
import { allPages, bodyOf, EVERYBODY, type Json } from '../support/builders.js';
import { holdToContract } from '../support/contract.js';
import { type TestStore } from '../support/each-store.js';
import { listening } from '../support/listening.js';
import { TestApp } from '../support/test-app.js';

export const glitch = gameNamed('glitch-grid')!;
export const starlight = gameNamed('starlight-smuggler')!;

export const JACKPOT = '🏢 🏢 🏢';
export const NOTHING = '🏢 💀 🏢';
/** Three scatters, and no line that pays. */
export const SCATTERED = '🌀 🌀 🌀 🚀 🚀 🗺️ 🔫 🗺️ 🔫 🗺️ 🔫 🗺️ 🔫 🗺️ 🔫';
/** Neither. */
export const DULL = '⭐ 🌀 🌀 🚀 🚀 🗺️ 🔫 🗺️ 🔫 🗺️ 🔫 🗺️ 🔫 🗺️ 🔫';

export type Fetch = (request: Request) => Promise<Response>;

const SYSTEM_ACCOUNTS: readonly SystemAccount[] = [
  { role: 'treasury', currency: 'USD', opening: undefined },
  { role: 'house', currency: 'USD', opening: '100000.00' },
];

/** Bytes by which these grids fall, one after the other; whoever draws more draws what should not be drawn. */
export function falling(game: Game, ...grids: readonly string[]): () => number {
  const bytes = grids.flatMap((grid) => grid.split(' ').map((symbol) => game.symbols.indexOf(symbol)));
  return () => {
    if (bytes.length === 0) throw new Error('drawn again');
    return bytes.shift()!;
  };
}

/** Whether it is a spin that moves money. */
export function isAct(request: Request): boolean {
  return request.url.endsWith('/v1/transfers/bulk');
}

export class Casino {
  /** A connection on which all goes well. */
  readonly bank: Bank;

  private constructor(
    readonly app: TestApp,
    readonly url: string,
    readonly house: House,
  ) {
    this.bank = this.bankBy((request) => fetch(request));
  }

  static async open(store: TestStore): Promise<Casino> {
    // As an operator does it: by command, before there is a server.
    const ledger = await openLedger(store.settings, true);
    await ledger.systemAccounts.seed(SYSTEM_ACCOUNTS, EVERYBODY);
    await ledger.close();
    const app = await TestApp.start(store);
    const url = await listening(app);
    return new Casino(app, url, await findHouse(openBank({ url, key: app.key }), 'USD'));
  }

  /** Sends by `send`; every answer is held against the document. */
  bankBy(send: Fetch): Bank {
    return openBank({
      url: this.url,
      key: this.app.key,
      fetch: async (request) => {
        const { method } = request;
        const url = request.url.slice(this.url.length);
        const answer = await send(request);
        const headers = Object.fromEntries(answer.headers);
        holdToContract({ method, url }, { status: answer.status, headers, text: await answer.clone().text() });
        return answer;
      },
    });
  }

  /** A house of its own that may not go below zero. */
  async houseWith(amount: string): Promise<House> {
    const opened = await bodyOf(
      this.app.post('/v1/accounts', {
        kind: 'book',
        name: 'A poor house',
        owner: 'poor',
        currency: this.house.currency,
      }),
    );
    await this.fund(opened.id, amount);
    return { ...this.house, id: opened.id };
  }

  async fund(to: string, amount: string): Promise<void> {
    const { data } = await bodyOf(this.app.get('/v1/accounts?systemRole=treasury&currency=USD'));
    await bodyOf(this.app.post('/v1/transfers', { from: data[0].id, to, amount, kind: 'opening' }));
  }

  /** In minor units. */
  async holds(id: string): Promise<bigint> {
    const { balance } = await bodyOf(this.app.get(`/v1/accounts/${id}`));
    return unitsOf(balance.available, this.house.decimals);
  }

  /** What came and went, the first first: `bet -1.00`. */
  async moves(id: string): Promise<string[]> {
    const transfers = await allPages(this.app, `/v1/transfers?accountId=${id}&order=asc&limit=500`);
    return transfers.map(({ kind, lines }) => {
      const { amount } = lines.find(({ accountId }: Json) => accountId === id);
      return `${kind} ${amount}`;
    });
  }

  /** What lies on these accounts together, in minor units. */
  async sum(isOne: (account: Json) => boolean): Promise<bigint> {
    const accounts = await allPages(this.app, '/v1/accounts?kind=book&limit=500');
    return accounts
      .filter(isOne)
      .map(({ balance }) => unitsOf(balance.ledger, this.house.decimals))
      .reduce((all, one) => all + one, 0n);
  }

  close(): Promise<void> {
    return this.app.stop();
  }
}
