// A program of API calls as plain JSON. Calls name earlier objects by kind and place, so that a program from which calls were taken out still means something.

/** The `nth` newest object of a kind that the program has seen, counted round and round; an id that nobody has where it has seen none. */
export interface Ref {
  readonly ref: RefKind;
  readonly nth: number;
}

/** Ids by their noun, accounts also by kind or number and lines by source; cursors as lists gave them out. */
// prettier-ignore
export const REF_KINDS = ['account', 'manual', 'book', 'linked', 'transaction', 'line', 'fact', 'transfer', 'hold', 'enrollment', 'apiKey', 'balance', 'number', 'cursor'] as const;
export type RefKind = (typeof REF_KINDS)[number];

/** So many copies of one value; `#` in its texts is the copy's number. Keeps long lists short to read. */
export interface Times {
  readonly times: number;
  readonly of: Json;
}

export type Json = string | number | boolean | null | Ref | Times | readonly Json[] | { readonly [name: string]: Json };

/** `unbound` and `bound` keys of each scope, keys that the program itself made, a key that nobody has, and none. */
// prettier-ignore
export const CALLERS = ['admin', 'write', 'read', 'ada:admin', 'ada:write', 'ada:read', 'bob:write', 'made', 'stranger', 'nobody'] as const;
export type Caller = (typeof CALLERS)[number];

export interface Call {
  /** The operation's id in the OpenAPI document. */
  readonly op: string;
  readonly as: Caller;
  /** What stands for `{id}` in the path. */
  readonly id?: string | Ref;
  readonly query?: readonly (readonly [string, string | Ref])[];
  readonly body?: Json;
  /** Sent as it is instead of a body. */
  readonly payload?: string;
  /** Of that Content-Type. */
  readonly type?: string;
  /** The Idempotency-Key. */
  readonly once?: string;
  readonly ifMatch?: string;
  /** As a bank signs it, in that moment. */
  readonly signed?: true;
  /** So many further pages are asked for, as long as there are any. */
  readonly follow?: number;
}

/** Both clocks move by so many milliseconds. */
export interface Wait {
  readonly waitMs: number;
}

export type Step = Call | Wait;

const UNKNOWN_ID = 'f'.repeat(32);
const UNKNOWN: Record<RefKind, string> = {
  account: `acc_${UNKNOWN_ID}`,
  manual: `acc_${UNKNOWN_ID}`,
  book: `acc_${UNKNOWN_ID}`,
  linked: `acc_${UNKNOWN_ID}`,
  transaction: `txn_${UNKNOWN_ID}`,
  line: `txn_${UNKNOWN_ID}`,
  fact: `txn_${UNKNOWN_ID}`,
  transfer: `trf_${UNKNOWN_ID}`,
  hold: `hld_${UNKNOWN_ID}`,
  enrollment: `enr_${UNKNOWN_ID}`,
  apiKey: `key_${UNKNOWN_ID}`,
  balance: `bal_${UNKNOWN_ID}`,
  number: 'NC-ZZZZ-ZZZZ',
  cursor: 'WyJub3doZXJlIl0',
};
const NOUNS: Readonly<Record<string, RefKind>> = {
  acc: 'account',
  txn: 'transaction',
  trf: 'transfer',
  hld: 'hold',
  enr: 'enrollment',
  key: 'apiKey',
  bal: 'balance',
};
const SOURCES: Readonly<Record<string, RefKind>> = { manual: 'line', feed: 'fact' };

/** What a program has seen so far, newest last. */
export class Seen {
  private readonly pools = new Map<RefKind, Set<string>>();

  /** Learns from an answer's body. */
  learn(body: unknown): void {
    if (typeof body !== 'object' || body === null) return;
    const { id, kind, source, accountNumber, nextCursor } = body as Record<string, unknown>;
    if (typeof id === 'string') {
      if (kind === 'manual' || kind === 'book' || kind === 'linked') this.add(kind, id);
      const line = SOURCES[String(source)];
      if (line !== undefined) this.add(line, id);
    }
    if (typeof accountNumber === 'string') this.add('number', accountNumber);
    if (typeof nextCursor === 'string') this.add('cursor', nextCursor);
    for (const value of Object.values(body)) {
      const noun =
        typeof value === 'string' && /^[a-z]{3}_[0-9a-f]{32}$/.test(value) ? NOUNS[value.slice(0, 3)] : undefined;
      if (noun !== undefined) this.add(noun, value as string);
      else this.learn(value);
    }
  }

  get({ ref, nth }: Ref): string {
    // Where there is none of a kind yet, one of its noun will do.
    const pool = [...(this.pools.get(ref) ?? this.pools.get(NOUNS[UNKNOWN[ref].slice(0, 3)] ?? ref) ?? [])];
    return pool[pool.length - 1 - (nth % Math.max(pool.length, 1))] ?? UNKNOWN[ref];
  }

  /** The text for a place in a path or a query. */
  text(value: string | Ref): string {
    return typeof value === 'string' ? value : this.get(value);
  }

  /** The JSON with its references followed and its copies made. */
  resolve(json: Json, copy?: number): unknown {
    if (typeof json === 'string') return copy === undefined ? json : json.replaceAll('#', String(copy));
    if (typeof json !== 'object' || json === null) return json;
    if (isRef(json)) return this.get(json);
    if (isTimes(json)) return Array.from({ length: json.times }, (_, index) => this.resolve(json.of, index));
    if (Array.isArray(json)) return json.map((one: Json) => this.resolve(one, copy));
    return Object.fromEntries(Object.entries(json).map(([name, value]) => [name, this.resolve(value as Json, copy)]));
  }

  private add(kind: RefKind, id: string): void {
    const pool = this.pools.get(kind) ?? new Set();
    this.pools.set(kind, pool.add(id));
  }
}

function isRef(json: object): json is Ref {
  return 'ref' in json && 'nth' in json;
}

function isTimes(json: object): json is Times {
  return 'times' in json && 'of' in json;
}

/** As a client that sends half a surrogate pair would: three bytes of it, which are no UTF-8. */
export function urlEncoded(text: string): string {
  return Array.from(text, (character) => {
    const code = character.codePointAt(0)!;
    if (code < 0xd800 || code > 0xdfff) return encodeURIComponent(character);
    return [0xe0 | (code >> 12), 0x80 | ((code >> 6) & 0x3f), 0x80 | (code & 0x3f)]
      .map((byte) => `%${byte.toString(16)}`)
      .join('');
  }).join('');
}
