// Passbook as this program sees it: its public API, asked again for as long as an answer may still come.
import { createHash } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import createClient from 'openapi-fetch';

/** @typedef {import('openapi-fetch').Client<import('../../client/openapi.js').paths>} Bank */
/** @typedef {import('../../client/openapi.js').components['schemas']} Schemas */

const ATTEMPTS = 6;
const PAUSE_MS = 100;
const ANSWER_MS_MAX = 15_000;
/** Later it may be answered; whatever was done meanwhile is done once all the same, because all that is sent has an id of its own. */
const ASKED_AGAIN = new Set([429, 500, 502, 503, 504]);

/**
 * @param {{ url: string, key: string, fetch?: (request: Request) => Promise<Response> }} options
 * @returns {Bank}
 */
export function openBank({ url, key, fetch = (request) => globalThis.fetch(request) }) {
  return createClient({ baseUrl: url, headers: { authorization: `Bearer ${key}` }, fetch: patient(fetch) });
}

/** @param {(request: Request) => Promise<Response>} fetch */
function patient(fetch) {
  return async (/** @type {Request} */ request) => {
    for (let attempt = 1; ; attempt++) {
      const isLast = attempt === ATTEMPTS;
      try {
        const answer = await fetch(new Request(request.clone(), { signal: AbortSignal.timeout(ANSWER_MS_MAX) }));
        if (isLast || !ASKED_AGAIN.has(answer.status)) return answer;
        await answer.body?.cancel();
      } catch (cause) {
        if (isLast) throw new BankSilent(request.url, { cause });
      }
      await sleep(PAUSE_MS * 2 ** (attempt - 1));
    }
  };
}

/** No answer came. Whether something was done is not known: the same spin asked for again tells. */
export class BankSilent extends Error {
  /** @param {string} url @param {ErrorOptions} options */
  constructor(url, options) {
    super(`The bank does not answer: ${url}`, options);
  }
}

/** What the bank said no to, and why. */
export class BankRefused extends Error {
  /** @param {number} status @param {Schemas['Problem'] | undefined} problem */
  constructor(status, problem) {
    super(problem === undefined ? `The bank answered ${status}.` : `${problem.code}: ${problem.detail}`);
    this.status = status;
    this.problem = problem;
  }
}

/**
 * The data of a success.
 * @template Data
 * @param {Promise<{ data?: Data, error?: unknown, response: Response }>} answer
 * @returns {Promise<Data>}
 */
export async function dataOf(answer) {
  const { data, error, response } = await answer;
  if (data !== undefined) return data;
  const isProblem = typeof error === 'object' && error !== null && 'code' in error;
  throw new BankRefused(response.status, isProblem ? /** @type {Schemas['Problem']} */ (error) : undefined);
}

/** Undefined where the bank has none. @template Data @param {Promise<Data>} answer */
export async function ifThere(answer) {
  try {
    return await answer;
  } catch (error) {
    if (error instanceof BankRefused && error.status === 404) return undefined;
    throw error;
  }
}

/** The id of the one transfer that is for this: made from what it is for, it is the same whoever makes it, however often. @param {...string} what */
export function transferId(...what) {
  return `trf_${digestOf(what).toString('hex').slice(0, 32)}`;
}

/** @param {readonly string[]} what */
export function digestOf(what) {
  return createHash('sha256').update(JSON.stringify(what)).digest();
}
