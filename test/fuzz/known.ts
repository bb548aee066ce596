// What earlier answers gave: ids, cursors and keys, which later requests hand back.

/** Stands for something of the answers, chosen when the request is sent. */
export class Ref {
  constructor(
    /** The prefix of ids, with `own` before it for those that no bank gave, `book` for book accounts; `number` for their numbers; `cursor`; `secret` for a key. */
    readonly kind: string,
    /** The how-manieth of those that are known, from the last. */
    readonly nth: number,
    /** What is done to it: a forgery has something true in it. */
    readonly forge: (text: string) => string = (text) => text,
  ) {}
}

/** Those that were seen last: small enough that the same one is met again. */
const KEPT_MAX = 40;

const ID = /^(acc|bal|txn|trf|hld|enr|key|chg)_[0-9a-f]{32}$/;

export class Known {
  private readonly kept = new Map<string, string[]>();

  /** Reads an answer for what may be handed back. */
  learn(value: unknown): void {
    if (typeof value !== 'object' || value === null) return;
    const { id } = value as { id?: unknown };
    const own = typeof id === 'string' ? ownKindOf(value) : undefined;
    if (own !== undefined) this.keep(own, id as string);
    for (const [name, inside] of Object.entries(value)) {
      if (typeof inside !== 'string') this.learn(inside);
      else if (ID.test(inside)) this.keep(inside.slice(0, 3), inside);
      else if (name === 'accountNumber') this.keep('number', inside);
      else if (name === 'nextCursor') this.keep('cursor', inside);
      else if (name === 'key') this.keep('secret', inside);
    }
  }

  keep(kind: string, value: string): void {
    const values = this.kept.get(kind) ?? [];
    const place = values.indexOf(value);
    if (place >= 0) values.splice(place, 1);
    values.push(value);
    if (values.length > KEPT_MAX) values.shift();
    this.kept.set(kind, values);
  }

  /** Well-formed and nothing's, where none is known yet. */
  find({ kind, nth, forge }: Ref): string {
    const values = this.kept.get(kind) ?? [];
    const found = values[values.length - 1 - (nth % Math.max(1, values.length))];
    return forge(found ?? `${kind.slice(-3)}_${'f'.repeat(32)}`);
  }

  /** The value with everything that stands for something put in its place. */
  put(value: unknown): unknown {
    if (value instanceof Ref) return this.find(value);
    if (Array.isArray(value)) return value.map((one) => this.put(one));
    if (typeof value !== 'object' || value === null) return value;
    return Object.fromEntries(Object.entries(value).map(([name, inside]) => [name, this.put(inside)]));
  }
}

/** What a bank said cannot be changed by requests, nor can the lines of a transfer; money moves between book accounts alone. */
function ownKindOf(value: object): string | undefined {
  const { id, kind, source, balance } = value as Record<string, string | undefined>;
  const prefix = id!.slice(0, 3);
  if (kind === 'book') return 'book acc';
  const isFact = source === 'feed' || source === 'transfer' || (prefix === 'txn' && balance !== undefined);
  return kind === 'linked' || isFact ? undefined : `own ${prefix}`;
}
