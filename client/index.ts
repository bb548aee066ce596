// The typed client: every operation of openapi.json as `client.GET('/v1/accounts', …)`, with its paths, fields and answers as types.
import createFetchClient, {
  type Client,
  type ClientPathsWithMethod,
  type FetchOptions,
  type FetchResponse,
} from 'openapi-fetch';
import type { components, paths } from './openapi.js';

/** The words of requests and answers, by name: `Schemas['AccountView']`. */
export type Schemas = components['schemas'];

/** What every refusal says (RFC 9457). Programs switch on `code`; docs/errors.md explains each. */
export type Problem = Schemas['Problem'];

type Method = 'get' | 'post' | 'patch' | 'delete';
type PathsOf<M extends Method> = ClientPathsWithMethod<Client<paths>, M>;
type OptionsOf<Operation> = FetchOptions<Operation>;

/** Options may be left out where none is required. */
type Call<M extends Method> = <Path extends PathsOf<M>>(
  path: Path,
  ...options: object extends OptionsOf<paths[Path][M]> ? [OptionsOf<paths[Path][M]>?] : [OptionsOf<paths[Path][M]>]
) => Promise<FetchResponse<NonNullable<paths[Path][M]>, object, `${string}/${string}`>>;

/** Stricter than the library's own type, which takes any object that has the right fields: a misspelt optional one would compile. */
export type PassbookClient = { readonly [M in Method as Uppercase<M>]: Call<M> };

export interface ClientOptions {
  /** Where the service is: `https://bank.example`. */
  readonly baseUrl: string;
  /** `pbk_…`; left out for the probes alone. */
  readonly key?: string;
  /**
   * Makes an Idempotency-Key for every POST that bears none, so that what sends a request again (a `fetch` that retries) has one effect.
   * Several calls are one deed only where the caller names the same key: `headers: { 'Idempotency-Key': … }`.
   */
  readonly onceKey?: () => string;
  /** Instead of the global one. */
  readonly fetch?: (request: Request) => Promise<Response>;
}

/** The answer of each call is `{ data, response }` or `{ error, response }`; `dataOf` makes the second one throw. */
export function createPassbookClient({ baseUrl, key, onceKey, fetch }: ClientOptions): PassbookClient {
  const client = createFetchClient<paths>({
    baseUrl,
    ...(fetch === undefined ? {} : { fetch }),
    ...(key === undefined ? {} : { headers: { authorization: `Bearer ${key}` } }),
  });
  if (onceKey !== undefined) {
    client.use({
      onRequest({ request }) {
        if (request.method === 'POST' && !request.headers.has(ONCE)) request.headers.set(ONCE, onceKey());
      },
    });
  }
  return client as unknown as PassbookClient;
}

const ONCE = 'idempotency-key';

/** A refusal, thrown by `dataOf`. */
export class PassbookError extends Error {
  override readonly name = 'PassbookError';

  constructor(
    /** The HTTP status. */
    readonly status: number,
    /** Undefined when the answer was none of Passbook's: from a proxy before it, say. */
    readonly problem: Problem | undefined,
    /** By which the service's log knows the request. */
    readonly requestId: string | undefined,
  ) {
    super(problem === undefined ? `HTTP ${status}` : `${problem.code}: ${problem.detail}`);
  }
}

/** The data of a success; undefined where it has none (204). @throws PassbookError for a refusal */
export async function dataOf<Data>(
  answer: Promise<{ data?: Data; error?: unknown; response: Response }>,
): Promise<Data> {
  const { data, error, response } = await answer;
  if (response.ok) return data as Data;
  throw new PassbookError(
    response.status,
    isProblem(error) ? error : undefined,
    response.headers.get('x-request-id') ?? undefined,
  );
}

function isProblem(error: unknown): error is Problem {
  return typeof error === 'object' && error !== null && 'code' in error && 'detail' in error;
}
