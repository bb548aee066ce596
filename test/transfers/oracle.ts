// The rules of moving money in their plainest form, written from their documentation: what each request must be answered, one after another.
import {
  type Asked,
  type AskedLegs,
  legsOf,
  LIMIT,
  plainLegs,
  type Post,
  post,
  refuseOverdrawn,
} from './oracle-legs.js';
import { shown, shownHold } from './oracle-shown.js';
import { clone, type Hold, minor, No, type State, type Transfer } from './oracle-state.js';

export type Deed =
  | { readonly do: 'transfer'; readonly asked: Asked | AskedLegs }
  | { readonly do: 'bulk'; readonly mode: 'atomic' | 'independent'; readonly rows: readonly (Asked | AskedLegs)[] }
  | { readonly do: 'hold'; readonly asked: Asked; readonly expiresAt?: number | undefined }
  | { readonly do: 'capture'; readonly hold: string; readonly amount?: string | undefined }
  | { readonly do: 'release'; readonly hold: string }
  | { readonly do: 'reverse'; readonly transfer: string };

export interface Request {
  readonly deed: Deed;
  /** The owner whose key it comes by; undefined of one that is bound to none. */
  readonly by: string | undefined;
  readonly onceKey?: string | undefined;
  readonly dryRun: boolean;
}

/** A status, and what is told: of transfers and holds by the names that the oracle gave them. */
export interface Told {
  readonly status: number;
  readonly body: unknown;
}

export class Oracle {
  private readonly kept = new Map<string, { fingerprint: string; told: Told }>();

  constructor(private state: State) {}

  get books(): State {
    return this.state;
  }

  advance(ms: number): void {
    this.state.now += ms;
  }

  /** What may become of an account itself. Nothing is held any more that has expired. */
  edit(name: string, to: 'closed' | 'open' | bigint): Told {
    this.expire();
    const account = this.state.accounts.get(name)!;
    const { ledger, held, isSystem } = account;
    if (to === 'closed' && !account.isClosed && (ledger !== 0n || held !== 0n))
      return told(new No('account_not_empty'));
    if (typeof to === 'bigint' && !isSystem && ledger - held < -to) return told(new No('overdraft_in_use'));
    if (typeof to === 'bigint') account.limit = to;
    else account.isClosed = to === 'closed';
    return { status: 200, body: null };
  }

  answer(request: Request): Told {
    const { deed, by, onceKey, dryRun } = request;
    this.expire();
    const target = 'hold' in deed ? deed.hold : 'transfer' in deed ? deed.transfer : deed.do === 'bulk' ? '' : '-';
    const key = `${by ?? ''}|${deed.do} ${target}|${onceKey}`;
    const first = onceKey === undefined ? undefined : this.kept.get(key);
    // A rehearsal is never what was done.
    const fingerprint = JSON.stringify([deed, dryRun]);
    if (first !== undefined) {
      if (first.fingerprint !== fingerprint) return told(new No('idempotency_key_reused'));
      return first.told;
    }
    const after = clone(this.state);
    after.stood = new Set([...after.transfers.map(({ name }) => name), ...after.holds.keys()]);
    try {
      const answer = this.perform(after, request);
      if (dryRun) return answer;
      this.state = after;
      if (onceKey !== undefined) this.kept.set(key, { fingerprint, told: answer });
      return answer;
    } catch (error) {
      if (error instanceof No) return told(error);
      throw error;
    }
  }

  /** Money that nobody captured in time is free before anything else is looked at. */
  private expire(): void {
    for (const hold of this.state.holds.values()) {
      if (hold.status !== 'active' || hold.expiresAt === undefined || hold.expiresAt > this.state.now) continue;
      hold.status = 'expired';
      this.state.accounts.get(hold.from)!.held -= hold.amount;
    }
  }

  private perform(state: State, { deed, by, dryRun }: Request): Told {
    switch (deed.do) {
      case 'transfer':
        return { status: 201, body: shown(state, transfer(state, deed.asked, by), dryRun) };
      case 'bulk':
        return bulk(state, deed.mode, deed.rows, by, dryRun);
      case 'hold':
        return { status: 201, body: shownHold(state, hold(state, deed.asked, deed.expiresAt, by), dryRun) };
      case 'capture': {
        const ended = capture(state, deed.hold, deed.amount, by);
        const became = state.transfers.find(({ name }) => name === ended.transfer)!;
        return { status: 201, body: { ...shownHold(state, ended, dryRun), became: shown(state, became, dryRun) } };
      }
      case 'release':
        return { status: 201, body: { ...shownHold(state, release(state, deed.hold, by), false), became: null } };
      case 'reverse':
        return { status: 201, body: shown(state, reverse(state, deed.transfer, by), dryRun) };
    }
  }
}

function told({ status, code }: No): Told {
  return { status, body: code };
}

function bulk(
  state: State,
  mode: string,
  rows: readonly (Asked | AskedLegs)[],
  by: string | undefined,
  dryRun: boolean,
): Told {
  const refused: number[] = [];
  const data = rows.map((row, index) => {
    const before = clone(state);
    try {
      return shown(state, transfer(state, row, by), dryRun);
    } catch (error) {
      if (!(error instanceof No)) throw error;
      Object.assign(state, before);
      refused.push(index);
      return error.code;
    }
  });
  if (mode === 'atomic' && refused.length > 0) throw new No('bulk_refused');
  return { status: 200, body: data };
}

function transfer(state: State, asked: Asked | AskedLegs, by: string | undefined): Transfer {
  const memo = 'memo' in asked ? (asked.memo ?? null) : null;
  const there = asked.id === undefined ? undefined : state.transfers.find(({ name }) => name === asked.id);
  if (there !== undefined) {
    if (there.memo !== memo || there.legs !== plainLegs(state, asked, by)) throw new No('transfer_id_taken');
    return there;
  }
  return post(state, legsOf(state, asked, by), { name: asked.id ?? `t${state.seq + 1}`, kind: 'transfer', memo });
}

function hold(state: State, asked: Asked, expiresAt: number | undefined, by: string | undefined): Hold {
  const there = asked.id === undefined ? undefined : state.holds.get(asked.id);
  const memo = asked.memo ?? null;
  if (there !== undefined) {
    const legs = `${there.from} ${-there.amount},${there.to} ${there.amount}`;
    if (there.memo !== memo || there.expiresAt !== expiresAt || legs !== plainLegs(state, asked, by))
      throw new No('transfer_id_taken');
    return there;
  }
  const [from, to] = legsOf(state, asked, by);
  if (expiresAt !== undefined && expiresAt <= state.now) throw new No('hold_expires_in_past');
  const { account } = from!;
  account.held += to!.amount;
  refuseOverdrawn(account);
  if (account.held > LIMIT) throw new No('limit_exceeded');
  const name = asked.id ?? `h${state.holds.size}`;
  const made: Hold = {
    name,
    from: account.name,
    to: to!.account.name,
    amount: to!.amount,
    captured: 0n,
    memo,
    status: 'active',
    expiresAt,
    transfer: null,
  };
  state.holds.set(name, made);
  return made;
}

function active(state: State, name: string, by: string | undefined, isFine: (hold: Hold) => boolean): Hold {
  const found = state.holds.get(name);
  if (found === undefined || (by !== undefined && state.accounts.get(found.from)!.owner !== by))
    throw new No('hold_not_found');
  if (found.status !== 'active' && !isFine(found)) throw new No('hold_not_active');
  return found;
}

function capture(state: State, name: string, text: string | undefined, by: string | undefined): Hold {
  const found = active(state, name, by, () => false);
  const [from, to] = [state.accounts.get(found.from)!, state.accounts.get(found.to)!];
  if (by !== undefined && to.owner !== by) throw new No('owner_forbidden');
  if ([from, to].some(({ isClosed }) => isClosed)) throw new No('account_closed');
  const amount = text === undefined ? found.amount : minor(text, from.currency);
  if (amount <= 0n) throw new No('amount_not_positive');
  if (amount > found.amount) throw new No('capture_too_large');
  from.held -= found.amount;
  const legs: Post = [
    { account: from, amount: -amount },
    { account: to, amount },
  ];
  const became = post(state, legs, { name: `t${state.seq + 1}`, kind: 'transfer', memo: found.memo, hold: name });
  return Object.assign(found, { status: 'captured', captured: amount, transfer: became.name });
}

function release(state: State, name: string, by: string | undefined): Hold {
  const found = active(state, name, by, ({ status }) => status === 'released');
  if (found.status === 'active') state.accounts.get(found.from)!.held -= found.amount;
  found.status = 'released';
  return found;
}

function reverse(state: State, name: string, by: string | undefined): Transfer {
  const first = state.transfers.find((one) => one.name === name);
  const accounts = first?.lines.map((line) => state.accounts.get(line.account)!) ?? [];
  if (first === undefined || (by !== undefined && !accounts.some(({ owner }) => owner === by)))
    throw new No('transfer_not_found');
  if (first.reverses !== null) throw new No('transfer_is_reversal');
  if (by !== undefined && accounts.some(({ owner }) => owner !== by)) throw new No('owner_forbidden');
  const there = state.transfers.find(({ reverses }) => reverses === name);
  if (there !== undefined) return there;
  if (accounts.some(({ isClosed }) => isClosed)) throw new No('account_closed');
  const legs = first.lines.map(({ amount }, index) => ({ account: accounts[index]!, amount: -amount }));
  return post(state, legs, { name: `t${state.seq + 1}`, kind: 'reversal', memo: first.memo, reverses: name });
}
