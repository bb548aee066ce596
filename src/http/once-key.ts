// One request that shall have one effect however often it is sent: the client's Idempotency-Key, and what it stands for.
import { hash } from 'node:crypto';
import { IdempotencyKeyInvalid } from './http.errors.js';

declare module 'fastify' {
  interface FastifyRequest {
    /** Where the client asks for one effect: set by whoever lets the request in, read by whoever answers it. */
    once?: OnceKey;
  }
}

const FORM = /^[\x21-\x7e]{1,255}$/;

/** What a request asks for, without what identifies its sender. */
export interface AskedRequest {
  readonly method: string;
  /** Path and query as sent. */
  readonly url: string;
  /** Parsed. */
  readonly body: unknown;
}

export class OnceKey {
  private state: 'unused' | 'used' | 'replayed' = 'unused';
  private fingerprintMade: string | undefined;

  private constructor(
    readonly key: string,
    /** Method and path: the same key may mean something else elsewhere. */
    readonly operation: string,
    private readonly asked: () => AskedRequest,
  ) {}

  /**
   * @param header the Idempotency-Key; undefined when there is none
   * @param asked looked at late, when the body has been read
   * @throws IdempotencyKeyInvalid unless it is 1 to 255 printable ASCII characters without spaces
   */
  static of(header: string | readonly string[] | undefined, asked: () => AskedRequest): OnceKey | undefined {
    if (header === undefined) return undefined;
    if (typeof header !== 'string' || !FORM.test(header)) throw new IdempotencyKeyInvalid();
    const { method, url } = asked();
    return new OnceKey(header, `${method} ${pathOf(url)}`, asked);
  }

  /** SHA-256 of the query and the body, in which the order of names and the spacing mean nothing. */
  get fingerprint(): string {
    if (this.fingerprintMade === undefined) {
      const { url, body } = this.asked();
      const query = url.split('?')[1] ?? '';
      this.fingerprintMade = hash('sha256', `${query}\n${body === undefined ? '' : sortedJson(body)}`, 'base64url');
    }
    return this.fingerprintMade;
  }

  /** Whether a deed asked for it: else the route forgot, and a repetition would be done twice. */
  get isUsed(): boolean {
    return this.state !== 'unused';
  }

  get isReplayed(): boolean {
    return this.state === 'replayed';
  }

  markUsed(): void {
    if (this.state === 'unused') this.state = 'used';
  }

  /** The answer is that of an earlier request. */
  markReplayed(): void {
    this.state = 'replayed';
  }
}

function pathOf(url: string): string {
  const path = url.split('?')[0]!;
  return path.length > 1 && path.endsWith('/') ? path.slice(0, -1) : path;
}

/** JSON of what came as JSON, in which the names of each object stand in order. */
function sortedJson(value: unknown): string {
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map(sortedJson).join(',')}]`;
  const names = Object.keys(value).sort();
  return `{${names.map((name) => `${JSON.stringify(name)}:${sortedJson((value as Record<string, unknown>)[name])}`).join(',')}}`;
}
