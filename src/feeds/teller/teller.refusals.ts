// What a refusal by Teller means for whoever it concerns: the person, the account, or the operator of this service.
import { type Refusal } from '../../common/domain-error.js';
import {
  EnrollmentDisconnected,
  EnrollmentLocked,
  EnrollmentNeedsLogin,
  FeedAccountClosed,
  FeedAccountUnknown,
  FeedAnswerInvalid,
  FeedCursorGone,
  FeedMisconfigured,
  FeedRateLimited,
  FeedUnavailable,
} from '../port/feeds.errors.js';
import { type TellerAnswer } from './teller.client.js';
import { readErrorCode } from './teller.wire.js';

/** What was asked for: nobody's institutions, an enrollment's accounts, one account, or its lines from some line on. */
export type Subject = 'institutions' | 'enrollment' | 'account' | 'older lines';

/** Our own word for a token that Teller does not take: revoked, or of another application than the certificate. */
const TOKEN_REFUSED = 'token_refused';
const DISCONNECTED = 'enrollment.disconnected';
const LOCKED = 'account_locked';
const CLOSED = 'account.closed';
/** Where Teller limits its questions and does not say for how long. */
const RETRY_AFTER_SECONDS = 60;

/** Teller's own sentences are left out: they may quote what they were asked with. */
export function refusalBy(answer: TellerAnswer, subject: Subject): Refusal {
  const { status, body } = answer;
  const code = readErrorCode(body);
  const said = code === '' ? `${status}` : `${status} ${code}`;
  if (status === 400 && Buffer.from(body).includes('ertificate'))
    return new FeedMisconfigured(
      `Teller takes no question without this application's client certificate, or not with the one that is configured (${said}).`,
    );
  if (status === 401 || status === 403)
    return new EnrollmentNeedsLogin(
      `Teller does not take the access token (${said}): it was revoked, or belongs to another application than the client certificate.`,
      TOKEN_REFUSED,
    );
  if (isOrBegins(code, DISCONNECTED)) return unhealthy(wordAfter(code, DISCONNECTED), said);
  if (status === 410) return gone(code, said, subject);
  if (status === 404 || status === 400 || status === 422) return unknown(status, said, subject);
  if (status === 429)
    return new FeedRateLimited(
      'Teller limits how often it may be asked.',
      answer.retryAfterSeconds ?? RETRY_AFTER_SECONDS,
    );
  if (status === 408 || status >= 500 || (status >= 300 && status < 400))
    return new FeedUnavailable(`Teller, or the bank behind it, does not answer now (${said}).`);
  return untaken(said);
}

/** All of these can be repaired by the person, with the same token. */
function unhealthy(reason: string | null, said: string): EnrollmentNeedsLogin {
  if (reason === LOCKED) return new EnrollmentLocked(`The bank has locked the person's access (${said}).`, reason);
  return new EnrollmentNeedsLogin(`The bank does not let Teller in until the person signs in again (${said}).`, reason);
}

function gone(code: string, said: string, subject: Subject): Refusal {
  if (subject === 'account' || subject === 'older lines') {
    const reason = isOrBegins(code, CLOSED) ? wordAfter(code, CLOSED) : null;
    return new FeedAccountClosed(`Teller has closed the account${reason === null ? '' : ` (${reason})`}.`, reason);
  }
  return new EnrollmentDisconnected(`Teller has ended the enrollment (${said}).`, code === '' ? null : code);
}

/** Of a line to go on from that is not there, Teller says no more than that something is not there. */
function unknown(status: number, said: string, subject: Subject): Refusal {
  if (subject === 'older lines')
    return new FeedCursorGone(`Teller does not list the line from which reading should go on (${said}).`);
  if (status === 404 && subject === 'account')
    return new FeedAccountUnknown(`Teller does not know the account (${said}).`);
  return untaken(said);
}

function untaken(said: string): FeedAnswerInvalid {
  return new FeedAnswerInvalid(`Teller does not take a question that it should take (${said}).`);
}

function isOrBegins(code: string, head: string): boolean {
  return code === head || code.startsWith(`${head}.`);
}

function wordAfter(code: string, head: string): string | null {
  return code === head ? null : code.slice(head.length + 1);
}
