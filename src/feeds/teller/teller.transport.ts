// What it means that Teller's answer did not come: what to say of it, and whether it may come when it is asked for again.
import { type Refusal } from '../../common/domain-error.js';
import { FeedAnswerInvalid, FeedMisconfigured, FeedUnavailable } from '../port/feeds.errors.js';

export interface TransportFault {
  readonly refusal: Refusal;
  readonly kind: 'timeout' | 'passing' | 'lasting';
}

export interface Circumstances {
  readonly timeoutMs: number;
  readonly answerBytesMax: number;
  /** The last day of our own certificate, where it has passed. */
  readonly expiredOn: string | undefined;
}

/** What a try ends with that took too long as a whole. */
export class TookTooLong extends Error {
  readonly code = 'TOOK_TOO_LONG';
}

const TIMEOUTS: ReadonlySet<string> = new Set([
  'TOOK_TOO_LONG',
  'UND_ERR_CONNECT_TIMEOUT',
  'UND_ERR_HEADERS_TIMEOUT',
  'UND_ERR_BODY_TIMEOUT',
]);
/** Teller tells in the handshake, or right after it, that our certificate will not do. */
const REFUSED_CERTIFICATE = /^ERR_SSL_.*ALERT_(.*CERTIFICATE.*|UNKNOWN_CA|ACCESS_DENIED|HANDSHAKE_FAILURE)$/;
/** Node's words for a server's certificate that does not hold. */
const UNTRUSTED_SERVER =
  /^(CERT_.*|.*SELF_SIGNED_CERT.*|UNABLE_TO_(GET_ISSUER_CERT.*|VERIFY_LEAF_SIGNATURE|DECRYPT_CERT_SIGNATURE)|INVALID_(CA|PURPOSE)|HOSTNAME_MISMATCH|ERR_TLS_CERT_ALTNAME_(INVALID|FORMAT))$/;

/** @throws whatever it is given that is no fault of the network: it is one of ours. */
export function transportFault(error: unknown, circumstances: Circumstances): TransportFault {
  const code = codeOf(error);
  if (code === undefined || code === 'UND_ERR_INVALID_ARG') throw error;
  const { timeoutMs, answerBytesMax, expiredOn } = circumstances;
  const cause = { cause: error };
  if (REFUSED_CERTIFICATE.test(code))
    return lasting(
      new FeedMisconfigured(`Teller refuses the client certificate (${code})${expiry(expiredOn)}.`, cause),
    );
  if (UNTRUSTED_SERVER.test(code))
    return lasting(new FeedUnavailable(`Teller's own certificate does not hold (${code}); nothing was asked.`, cause));
  if (code === 'UND_ERR_RES_EXCEEDED_MAX_SIZE')
    return lasting(new FeedAnswerInvalid(`Teller answered with more than ${answerBytesMax} bytes.`, cause));
  if (TIMEOUTS.has(code))
    return { kind: 'timeout', refusal: new FeedUnavailable(`Teller did not answer within ${timeoutMs} ms.`, cause) };
  if (expiredOn !== undefined)
    return lasting(new FeedMisconfigured(`Teller hangs up (${code})${expiry(expiredOn)}.`, cause));
  return { kind: 'passing', refusal: new FeedUnavailable(`Teller cannot be reached (${code}).`, cause) };
}

function lasting(refusal: Refusal): TransportFault {
  return { kind: 'lasting', refusal };
}

function expiry(expiredOn: string | undefined): string {
  return expiredOn === undefined ? '' : `; the client certificate expired on ${expiredOn}`;
}

/** Of the error, or of what it came from. */
function codeOf(error: unknown): string | undefined {
  if (!(error instanceof Error)) return undefined;
  return 'code' in error && typeof error.code === 'string' ? error.code : codeOf(error.cause);
}
