// A refusal as RFC 9457 says it. The one place that knows which HTTP status a kind of refusal has.
import { type Refusal, type RefusalKind } from '../common/domain-error.js';
import { type Problem } from './problem.dto.js';

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
