// What a source of bank data must be able to do, in this service's words. Each adapter turns its bank's words into these, and nothing else passes.
import { type Amount } from '../../common/amount.js';
import { type CivilDate } from '../../common/civil-date.js';
import { type Currency } from '../../common/currency.js';
import { type Owner } from '../../common/owner.js';
import { type Secret } from '../../config/secret.js';

export interface FeedInstitution {
  /** The feed's own id, not a name for people. */
  readonly id: string;
  readonly name: string;
}

/** What a person agreed to, as the feed's own enrollment page hands it over; only the adapter reads `consent`. */
export interface FeedEnrollRequest {
  /** Whose accounts they will be. */
  readonly owner: Owner;
  /** Null where the consent itself says which institution it is. */
  readonly institutionId: string | null;
  readonly consent: Readonly<Record<string, unknown>>;
}

export interface FeedEnrollment {
  /** Unique within the feed and its environment. */
  readonly externalId: string;
  readonly environment: string;
  /** Its id is null where the consent does not say it: then its accounts do. */
  readonly institution: { readonly id: string | null; readonly name: string };
  /** The person at the feed; another consent of the same person may bear another id. */
  readonly userExternalId: string | null;
  readonly accessToken: Secret | null;
}

/** What every question about one enrollment is asked with. */
export interface FeedAccess {
  readonly environment: string;
  readonly enrollmentExternalId: string;
  readonly accessToken: Secret | null;
}

export interface FeedAccount {
  readonly externalId: string;
  readonly name: string;
  readonly type: 'depository' | 'credit';
  /** The feed's word, open-ended: `checking`, `savings`, `credit_card` … */
  readonly subtype: string;
  readonly currency: Currency;
  readonly lastFour: string | null;
  readonly status: 'open' | 'closed';
  readonly institution: FeedInstitution;
  readonly raw: string;
}

/** What an account's own questions are asked with: which it is, and what its amounts mean. */
export type AskedAccount = Pick<FeedAccount, 'externalId' | 'type' | 'currency'>;

/** Minor units of the account's currency. Credit: `ledger` is the debt negated, `available` is what may still be spent. */
export interface FeedBalance {
  readonly available: Amount | null;
  readonly ledger: Amount | null;
  readonly raw: string;
}

export interface FeedLine {
  /** Unique within the account. Usually stays when a pending line posts; a bank may also give a new one. */
  readonly externalId: string;
  readonly date: CivilDate;
  /** Minor units; money in > 0, money out < 0, on every kind of account. */
  readonly amount: Amount;
  readonly description: string;
  readonly status: 'pending' | 'posted';
  readonly category: string | null;
  readonly counterparty: string | null;
  /** The feed's word, open-ended: `card_payment`, `ach`, `transfer` … */
  readonly type: string | null;
  /** The balance after this line, on posted lines where the bank states it. */
  readonly runningBalance: Amount | null;
  /** The exact JSON text of this element in the bank's answer, in the bank's words and signs. */
  readonly raw: string;
}

export interface FeedPageRequest {
  /** Lines dated on this day or later. */
  readonly from?: CivilDate;
  /** Lines older than the one this cursor stands for: the `next` of an earlier page. */
  readonly before?: string;
  /** At most so many lines, >= 1; a feed may answer with fewer. */
  readonly count: number;
}

export interface FeedPage {
  /** Newest first. */
  readonly lines: readonly FeedLine[];
  /** Where the next older page begins; absent on the last page. */
  readonly next?: string;
}

/**
 * One source of bank data. Every method may throw what ends or interrupts an enrollment (EnrollmentNeedsLogin, EnrollmentLocked,
 * EnrollmentDisconnected), FeedEnvironmentMismatch, FeedMisconfigured, FeedRateLimited or FeedUnavailable; those about one account also
 * FeedAccountClosed (no data for it any more) and FeedAccountUnknown; `page` also FeedCursorGone. What else it throws, and what cannot be stored
 * of its answers, CheckedFeed turns into FeedAnswerInvalid: an adapter needs no checks of its own. Nothing here is called inside a database transaction.
 */
export interface Feed {
  /** As in `accounts.feed`: `sandbox`, `teller` … */
  readonly name: string;
  institutions(): Promise<readonly FeedInstitution[]>;
  /** @throws InstitutionUnknown, ConsentSignatureInvalid, or ValueInvalid for a consent that can't be read. */
  enroll(request: FeedEnrollRequest): Promise<FeedEnrollment>;
  /** Every account of the enrollment, closed ones too. */
  accounts(access: FeedAccess): Promise<readonly FeedAccount[]>;
  balance(access: FeedAccess, account: AskedAccount): Promise<FeedBalance>;
  page(access: FeedAccess, account: AskedAccount, request: FeedPageRequest): Promise<FeedPage>;
  /** Ends the consent at the feed. Ending it again is no error. */
  disconnect(access: FeedAccess): Promise<void>;
  /** Gives back what it holds, connections above all. Nothing is asked afterwards. */
  close?(): Promise<void>;
}
