// Someone who follows the data by the change feed alone, as strictly as one can: what is added was not there, what is modified or removed was.
import { expect } from 'vitest';
import { type ChangeList, type ChangeView } from '../../src/history/history.dto.js';
import { allPages, bodyOf, withCursor } from '../support/builders.js';
import { type TestApp } from '../support/test-app.js';

type Thing = Readonly<Record<string, unknown>>;

export interface FollowerOptions {
  readonly name: string;
  /** Whose key; that of the app when left out. */
  readonly key?: string;
  readonly owner?: string;
  readonly object?: string;
  readonly limit?: number;
}

const PAGES_MAX = 10_000;
export const OBJECTS = ['account', 'balance', 'transaction', 'transfer', 'hold', 'enrollment'] as const;

export class Follower {
  /** What is there, by its kind and id. */
  readonly held = new Map<string, Thing>();
  /** What the feed said that cannot be so. */
  readonly faults: string[] = [];
  cursor: string | null = null;
  private readonly pages: { readonly cursor: string | null; readonly data: readonly ChangeView[] }[] = [];

  constructor(
    private app: TestApp,
    readonly options: FollowerOptions,
  ) {}

  get url(): string {
    const { owner, object, limit } = this.options;
    const parameters = { owner, object, limit };
    const given = Object.entries(parameters).filter(([, value]) => value !== undefined);
    return `/v1/changes?${given.map(([name, value]) => `${name}=${String(value)}`).join('&')}`;
  }

  /** From now on by way of this one. */
  goOnAt(app: TestApp): void {
    this.app = app;
  }

  /** Until there is no more. Answers how many changes came. */
  async follow(pagesMax = PAGES_MAX): Promise<number> {
    let count = 0;
    for (let pages = 0; pages < pagesMax; pages += 1) {
      const { data, nextCursor, hasMore } = await this.ask(this.cursor);
      for (const change of data) this.take(change);
      this.pages.push({ cursor: this.cursor, data });
      count += data.length;
      if (hasMore && nextCursor === this.cursor) throw new Error(`${this.options.name} stands still`);
      this.cursor = nextCursor;
      if (!hasMore) return count;
    }
    if (pagesMax === PAGES_MAX) throw new Error(`${this.options.name} comes to no end`);
    return count;
  }

  ask(cursor: string | null): Promise<ChangeList> {
    const { key } = this.options;
    return bodyOf(this.app.get(withCursor(this.url, cursor), key === undefined ? {} : { key }));
  }

  /** Asks for a page again that was asked for before: it must begin as it did. */
  async askAgain(which: number): Promise<{ before: readonly ChangeView[]; again: readonly ChangeView[] }> {
    const { cursor, data } = this.pages[which % this.pages.length]!;
    const { data: now } = await this.ask(cursor);
    return { before: data, again: now.slice(0, data.length) };
  }

  private take({ object, objectId, change, data }: ChangeView): void {
    const name = `${object} ${objectId}`;
    const known = this.held.get(name);
    const is = toldOf(object, data as Thing);
    for (const [line, facts] of linesOf(object, data as Thing)) this.held.set(line, facts);
    // The line of a transfer came with it: of itself it tells only what people note on it.
    if (object === 'transaction' && is['transferId'] !== null) {
      if (change !== 'modified') this.faults.push(`${name} is ${change}, and is part of a transfer`);
      return;
    }
    if (change === 'added' && known !== undefined) this.faults.push(`${name} is added and was there`);
    if (change === 'modified' && known === undefined) this.faults.push(`${name} is modified and was not there`);
    if (known !== undefined && Number(is['version']) < Number(known['version']))
      this.faults.push(`${name} goes back from version ${String(known['version'])} to ${String(is['version'])}`);
    if (change === 'removed') this.held.delete(name);
    else this.held.set(name, is);
  }
}

/** What the feed tells of a thing by itself: money that moves is told by transfers and holds alone, and not on accounts. */
export function toldOf(object: string, thing: Thing): Thing {
  if (object === 'transfer') return { ...thing, reversedBy: null };
  if (object === 'account' && thing['kind'] === 'book') return { ...thing, balance: null, version: null };
  return thing;
}

/** The lines of a transfer, each under its name. */
function linesOf(object: string, thing: Thing): [string, Thing][] {
  if (object !== 'transfer') return [];
  const lines = thing['lines'] as { id: string; accountId: string; amount: string; balance: string }[];
  return lines.map(({ id, accountId, amount, balance }) => [`line ${id}`, { accountId, amount, balance }]);
}

/** What a follower must hold, as the lists show it. */
export async function tables(app: TestApp, { key, owner, object }: FollowerOptions): Promise<Map<string, Thing>> {
  const options = key === undefined ? {} : { key };
  const all = (path: string) =>
    allPages(app, `${path}?limit=500${owner === undefined ? '' : `&owner=${owner}`}`, options) as Promise<Thing[]>;
  const accounts = await all('/v1/accounts');
  const lines = (await all('/v1/transactions')).filter(({ status }) => status !== 'removed');
  const found: Record<(typeof OBJECTS)[number], () => Promise<Thing[]>> = {
    account: async () => accounts.map((account) => toldOf('account', account)),
    balance: async () => {
      const histories: Thing[] = [];
      for (const { id } of accounts)
        histories.push(...(await allPages(app, `/v1/accounts/${String(id)}/balances?limit=500`, options)));
      return histories;
    },
    transaction: async () => lines.filter(({ transferId }) => transferId === null),
    transfer: async () => (await all('/v1/transfers')).map((transfer) => toldOf('transfer', transfer)),
    hold: () => all('/v1/holds'),
    enrollment: async () =>
      (await all('/v1/enrollments')).map(({ accountIds: _accountIds, wayOut: _wayOut, ...rest }) => rest),
  };
  const kinds = OBJECTS.filter((kind) => object === undefined || kind === object);
  const held = new Map<string, Thing>();
  for (const kind of kinds) for (const thing of await found[kind]()) held.set(`${kind} ${String(thing['id'])}`, thing);
  if (object === undefined || object === 'transfer')
    for (const { id, accountId, amount, runningBalance: balance } of lines.filter(
      ({ transferId }) => transferId !== null,
    ))
      held.set(`line ${String(id)}`, { accountId, amount, balance });
  return held;
}

const sorted = (things: ReadonlyMap<string, Thing>) => [...things].sort(([a], [b]) => (a < b ? -1 : 1));

/** Lets each of them follow to the end: then it holds just what is there. */
export async function expectWhole(app: TestApp, followers: readonly Follower[]): Promise<void> {
  for (const follower of followers) {
    await follower.follow();
    const { name } = follower.options;
    const [held, there] = [sorted(follower.held), sorted(await tables(app, follower.options))];
    expect({ name, faults: follower.faults, held }).toEqual({ name, faults: [], held: there });
  }
}
