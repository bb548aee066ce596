// The bank that is built in: invented, deterministic and without a network. What it answers follows from the seed, the enrollment and the clock alone.
import { type CivilDate, daysBetween, parseCivilDate } from '../../common/civil-date.js';
import { type Clock, civilDateOf, epochMsOf } from '../../common/clock.js';
import { type Refusal, ValueInvalid } from '../../common/domain-error.js';
import {
  type AskedAccount,
  type Feed,
  type FeedAccess,
  type FeedAccount,
  type FeedBalance,
  type FeedEnrollRequest,
  type FeedEnrollment,
  type FeedInstitution,
  type FeedPage,
  type FeedPageRequest,
} from '../port/feed.port.js';
import {
  EnrollmentDisconnected,
  EnrollmentLocked,
  EnrollmentNeedsLogin,
  FeedAccountUnknown,
  FeedRateLimited,
  InstitutionUnknown,
} from '../port/feeds.errors.js';
import { CardBooks, booksOf } from './books.js';
import { type Actor } from './deeds.js';
import { fingerprint } from './dice.js';
import { SANDBOX_INSTITUTIONS, type SandboxInstitution } from './institutions.js';
import { monthOfDay } from './months.js';
import { SandboxAccount } from './sandbox-account.js';

export const SANDBOX_FEED = 'sandbox';
const SANDBOX_ENVIRONMENT = 'sandbox';
/** How far back its lines reach when an account is enrolled. */
const HISTORY_MONTHS = 24;
const DEFAULT_USER = 'demo';
/** People whose enrollments are refused from the start: whose consents have ended, who must sign in, or unlock their sign-in before. */
const REFUSED_USERS: ReadonlyMap<string, () => Refusal> = new Map([
  ['disconnected', () => ended()],
  ['needs-login', () => needsLogin('user_action.mfa_required')],
  ['locked', () => new EnrollmentLocked('the sandbox bank has locked the sign-in', 'account_locked')],
]);
const USER_FORM = /^[a-z0-9][a-z0-9-]{0,31}$/;
/** Households whose worked-out months are kept in memory. */
const HOUSEHOLDS_MAX = 64;

interface Enrollment {
  readonly externalId: string;
  readonly institution: SandboxInstitution;
  readonly user: string;
  readonly since: CivilDate;
}

/**
 * `consent.user` (letters, digits, hyphens; default "demo") chooses the person: the same person has the same accounts in every enrollment, and
 * the enrollments of "disconnected", "needs-login" and "locked" are refused as these words say. The external id of an enrollment tells bank, person and day, so nothing needs to be stored here.
 */
export class SandboxFeed implements Feed {
  readonly name = SANDBOX_FEED;
  private readonly households = new Map<string, readonly SandboxAccount[]>();
  private readonly questions = new Map<string, number>();
  private questionsAt = '';

  constructor(
    private readonly seed: string,
    private readonly clock: Clock,
  ) {}

  institutions(): Promise<readonly FeedInstitution[]> {
    return answer(() => SANDBOX_INSTITUTIONS.map(({ id, name }) => ({ id, name })));
  }

  enroll(request: FeedEnrollRequest): Promise<FeedEnrollment> {
    return answer(() => {
      const institution = SANDBOX_INSTITUTIONS.find(({ id }) => id === request.institutionId);
      if (institution === undefined)
        throw new InstitutionUnknown(`the sandbox has no institution ${request.institutionId}`);
      const user = request.consent['user'] ?? DEFAULT_USER;
      if (typeof user !== 'string' || !USER_FORM.test(user)) {
        throw new ValueInvalid('must be 1 to 32 lower-case letters, digits or hyphens, not beginning with a hyphen');
      }
      return {
        externalId: `enr_${institution.id}.${user}.${civilDateOf(this.clock.now())}`,
        environment: SANDBOX_ENVIRONMENT,
        institution: { id: institution.id, name: institution.name },
        userExternalId: `usr_${fingerprint(`${this.seed}|${user}`, 12)}`,
        accessToken: null,
      };
    });
  }

  accounts(access: FeedAccess): Promise<readonly FeedAccount[]> {
    return answer(() => {
      const enrollment = this.admit(access);
      return this.household(enrollment).map((account) => account.account(enrollment.externalId));
    });
  }

  balance(access: FeedAccess, { externalId }: AskedAccount): Promise<FeedBalance> {
    return answer(() => this.account(this.admit(access), externalId).balance(this.nowMs()));
  }

  page(access: FeedAccess, { externalId }: AskedAccount, request: FeedPageRequest): Promise<FeedPage> {
    return answer(() => {
      const enrollment = this.admit(access);
      const since = monthOfDay(enrollment.since) - HISTORY_MONTHS;
      return this.account(enrollment, externalId).page(request, since, this.nowMs());
    });
  }

  disconnect(_access: FeedAccess): Promise<void> {
    return Promise.resolve();
  }

  private nowMs(): number {
    return epochMsOf(this.clock.now());
  }

  /** @throws EnrollmentDisconnected, EnrollmentNeedsLogin, EnrollmentLocked, FeedRateLimited */
  private admit(access: FeedAccess): Enrollment {
    const enrollment = enrollmentOf(access);
    const { institution, user, since } = enrollment;
    const days = daysBetween(since, civilDateOf(this.clock.now()));
    const refusal = REFUSED_USERS.get(user);
    if (refusal !== undefined) throw refusal();
    if (institution.needsLoginAfterDays !== undefined && days >= institution.needsLoginAfterDays)
      throw needsLogin('credentials_invalid');
    this.count(enrollment);
    return enrollment;
  }

  private count({ externalId, institution }: Enrollment): void {
    if (institution.refusesEvery === undefined) return;
    const now = this.clock.now();
    if (now !== this.questionsAt) this.questions.clear();
    this.questionsAt = now;
    const asked = (this.questions.get(externalId) ?? 0) + 1;
    this.questions.set(externalId, asked);
    if (asked % institution.refusesEvery === 0) throw new FeedRateLimited(`${institution.name} was asked too often`, 1);
  }

  private account(enrollment: Enrollment, externalId: string): SandboxAccount {
    const account = this.household(enrollment).find((candidate) => candidate.externalId === externalId);
    if (account === undefined) throw new FeedAccountUnknown(`the sandbox bank has no account ${externalId}`);
    return account;
  }

  private household({ institution, user }: Enrollment): readonly SandboxAccount[] {
    const key = `${this.seed}|${institution.id}|${user}`;
    let accounts = this.households.get(key);
    if (accounts === undefined) {
      if (this.households.size >= HOUSEHOLDS_MAX) this.households.clear();
      accounts = openHousehold(key, institution);
      this.households.set(key, accounts);
    }
    return accounts;
  }
}

function openHousehold(household: string, institution: SandboxInstitution): readonly SandboxAccount[] {
  const offers = institution.accounts;
  const offersOpen = (kind: string) => offers.some((offer) => offer.kind === kind && offer.closed !== true);
  const has = { card: offersOpen('credit_card'), savings: offersOpen('savings') };
  const actor = (key: string): Actor => ({ key, market: institution.market, has });
  const keyOf = (index: number) => `${household}|${index}`;
  const card = has.card ? new CardBooks(actor(keyOf(offers.findIndex(({ kind }) => kind === 'credit_card')))) : null;
  return offers.map((offer, index) => {
    const books = offer.kind === 'credit_card' && card !== null ? card : booksOf(offer.kind, actor(keyOf(index)), card);
    return new SandboxAccount(keyOf(index), institution, offer, books);
  });
}

function enrollmentOf({ enrollmentExternalId }: FeedAccess): Enrollment {
  const [, institutionId, user = '', since = ''] =
    /^enr_(\w+)\.([a-z0-9-]+)\.(\d{4}-\d{2}-\d{2})$/.exec(enrollmentExternalId) ?? [];
  const institution = SANDBOX_INSTITUTIONS.find(({ id }) => id === institutionId);
  if (institution === undefined) throw ended();
  return { externalId: enrollmentExternalId, institution, user, since: parseCivilDate(since) };
}

function ended(): EnrollmentDisconnected {
  return new EnrollmentDisconnected('the sandbox bank has ended this enrollment');
}

function needsLogin(reason: string): EnrollmentNeedsLogin {
  return new EnrollmentNeedsLogin('the sandbox bank wants the person to sign in again', reason);
}

/** As a bank would: later, and with what is thrown as a rejection. */
function answer<Value>(make: () => Value): Promise<Value> {
  return new Promise((resolve) => {
    resolve(make());
  });
}
