// What a refusal is. Only the problem filter in http/ knows how a kind is said in HTTP.

/**
 * How a refusal is meant, not how it is transported.
 * `malformed`: the request cannot be read. `rejected`: it was read, and a rule forbids it. `stale`: the caller saw an older version.
 * `unavailable`: nothing is wrong with the request; trying it again later is right.
 */
export type RefusalKind =
  | 'malformed'
  | 'unauthenticated'
  | 'forbidden'
  | 'not_found'
  | 'not_allowed'
  | 'not_acceptable'
  | 'too_slow'
  | 'conflict'
  | 'stale'
  | 'rejected'
  | 'too_large'
  | 'head_too_large'
  | 'unsupported_media'
  | 'limited'
  | 'internal'
  | 'upstream'
  | 'unavailable';

/** One thing that is wrong with one value of the request. `pointer` is a JSON pointer (RFC 6901) into the body, or `?name` for a query parameter. */
export interface Fault {
  readonly pointer: string;
  readonly detail: string;
}

/** What every refusal class declares beside its constructor; docs/errors.md is written from it. */
export interface RefusalClass {
  readonly code: string;
  readonly kind: RefusalKind;
  readonly title: string;
  new (...args: never[]): Refusal;
}

/** A named, expected "no". Anything else that is thrown is a bug, answered without its inner text. */
export abstract class Refusal extends Error {
  readonly faults: readonly Fault[];
  /** When trying again is right, where that is known. */
  readonly retryAfterSeconds?: number;
  /** Whether what was asked for may have been done all the same, so that repeating it may do it twice. */
  readonly mayHaveHappened: boolean = false;

  constructor(detail: string, options: { faults?: readonly Fault[]; cause?: unknown } = {}) {
    super(detail, { cause: options.cause });
    this.name = new.target.name;
    this.faults = options.faults ?? [];
  }

  /** Stable identifier in snake_case; part of the public contract. */
  get code(): string {
    return (this.constructor as unknown as RefusalClass).code;
  }

  get kind(): RefusalKind {
    return (this.constructor as unknown as RefusalClass).kind;
  }

  /** The same words for every refusal of this class. */
  get title(): string {
    return (this.constructor as unknown as RefusalClass).title;
  }
}

/** A value is not of its type's form (an amount, a date, an id, a text). Raised by the values of common/, placed by the door. */
export class ValueInvalid extends Refusal {
  static readonly code: string = 'value_invalid';
  static readonly kind: RefusalKind = 'malformed';
  static readonly title: string = 'A value has the wrong form';
}
