// A refusal as RFC 9457 says it. The one place that knows which HTTP status a kind of refusal has.
import { type Fault, type Refusal, type RefusalKind } from '../common/domain-error.js';

export const STATUS_OF: Readonly<Record<RefusalKind, number>> = {
  malformed: 400,
  unauthenticated: 401,
  forbidden: 403,
  not_found: 404,
  not_allowed: 405,
  not_acceptable: 406,
  too_slow: 408,
  conflict: 409,
  stale: 412,
  too_large: 413,
  unsupported_media: 415,
  rejected: 422,
  limited: 429,
  head_too_large: 431,
  internal: 500,
  upstream: 502,
  unavailable: 503,
};

/** The body of every answer that is not 2xx; media type application/problem+json. */
export class Problem {
  /** A name for this kind of problem; docs/errors.md explains each. @example urn:passbook:problem:account_not_found */
  type!: string;
  /** The same words for every problem of this type. */
  title!: string;
  /** The HTTP status. @example 404 */
  status!: number;
  /** What happened this time. */
  detail!: string;
  /** Stable; to be switched on by programs. @example account_not_found */
  code!: string;
  /** What is wrong with which value, as far as one can read it: the first 50. */
  errors?: FieldProblem[];
}

export class FieldProblem implements Fault {
  /** A JSON pointer into the body (`/amount`), or `?name` for a query parameter. */
  pointer!: string;
  detail!: string;
}

/** What came in small must not go out large. */
const FAULTS_MAX = 50;

/** @param faultsMax how many of its faults are listed: fewer where it is one of many in an answer */
export function problemOf(refusal: Refusal, faultsMax = FAULTS_MAX): Problem {
  const { code, kind, title, message, faults } = refusal;
  const isCut = faults.length > faultsMax;
  return {
    type: `urn:passbook:problem:${code}`,
    title,
    status: STATUS_OF[kind],
    detail: isCut ? `${message} The first ${faultsMax} of ${faults.length} faults are listed.` : message,
    code,
    ...(faults.length === 0 ? {} : { errors: faults.slice(0, faultsMax) }),
  };
}
