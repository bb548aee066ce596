// The state behind the fake Teller: accounts, people's consents to them, and what is still to happen.
import { type KeyObject, sign } from 'node:crypto';
import { addDays, parseCivilDate } from '../../../../src/common/civil-date.js';
import { type AccountFacts, BankAccount, type BankInstitution } from './account.js';
import { newToken, nextId } from './ids.js';

export const DISCONNECT_REASONS = [
  '',
  'account_locked',
  'credentials_invalid',
  'enrollment_inactive',
  'user_action.captcha_required',
  'user_action.contact_information_required',
  'user_action.insufficient_permissions',
  'user_action.mfa_required',
  'user_action.web_login_required',
] as const;
export type DisconnectReason = (typeof DISCONNECT_REASONS)[number];

type TellerEnvironment = 'sandbox' | 'development' | 'production';

export interface EnrollOptions {
  readonly environment?: TellerEnvironment;
  /** The same person in several enrollments, where it is given. */
  readonly userId?: string;
}

export const INSTITUTIONS: readonly BankInstitution[] = [
  { id: 'security_cu', name: 'Security Credit Union' },
  { id: 'chase', name: 'Chase' },
  { id: 'mercury', name: 'Mercury' },
];

/** One person's consent: what a token reaches, and whether it still does. */
export class BankEnrollment {
  readonly id = nextId('enr');
  readonly userId: string;
  readonly token: string;
  readonly environment: TellerEnvironment;
  readonly accounts: Set<BankAccount>;
  /** Undefined while it works. */
  trouble: DisconnectReason | undefined;
  /** Field reports: `/accounts` may answer although everything else says that the enrollment is disconnected. */
  isStillListed = false;
  isRevoked = false;

  constructor(
    accounts: Iterable<BankAccount>,
    readonly institution: BankInstitution,
    { environment = 'sandbox', userId = nextId('usr') }: EnrollOptions,
  ) {
    this.accounts = new Set(accounts);
    this.environment = environment;
    this.userId = userId;
    this.token = newToken(environment);
  }

  disconnect(reason: DisconnectReason = '', { stillListed = false } = {}): void {
    this.trouble = reason;
    this.isStillListed = stillListed;
  }

  /** The person went through Teller Connect again with this enrollment's id: the same token works again. */
  repair(): void {
    this.trouble = undefined;
  }

  /** The token is not known any more. */
  revoke(): void {
    this.isRevoked = true;
  }

  /**
   * What Teller Connect hands to onSuccess.
   * @param signing the nonce that Teller Connect was opened with, and the ED25519 keys to sign with
   */
  onSuccess(signing?: {
    readonly nonce: string;
    readonly keys: readonly KeyObject[];
  }): Readonly<Record<string, unknown>> {
    const signed = [signing?.nonce, this.token, this.userId, this.id, this.environment].join('.');
    const signatures = signing?.keys.map((key) => sign(null, Buffer.from(signed), key).toString('base64')) ?? [];
    return {
      accessToken: this.token,
      user: { id: this.userId },
      enrollment: { id: this.id, institution: { name: this.institution.name } },
      ...(signing === undefined ? {} : { signatures }),
    };
  }
}

export class FakeBank {
  /** The day of lines that name none. */
  today = '2026-11-20';
  readonly institutions: BankInstitution[] = [...INSTITUTIONS];
  readonly enrollments: BankEnrollment[] = [];
  private planned: { readonly day: string; readonly deed: () => void }[] = [];

  open(facts: AccountFacts = {}): BankAccount {
    return new BankAccount(facts, this.institutions[0]!, () => this.today);
  }

  /** A person consents. The same accounts may stand in several enrollments, of one person or of several. */
  enroll(accounts: Iterable<BankAccount>, options: EnrollOptions = {}): BankEnrollment {
    const [first] = accounts;
    const enrollment = new BankEnrollment(accounts, first?.institution ?? this.institutions[0]!, options);
    this.enrollments.push(enrollment);
    return enrollment;
  }

  /** The same person goes through Teller Connect anew: another user id, enrollment id and token for the same accounts. The old ones go on working. */
  reEnroll(before: BankEnrollment): BankEnrollment {
    return this.enroll(before.accounts, { environment: before.environment });
  }

  enrollmentOf(token: string): BankEnrollment | undefined {
    return this.enrollments.find((enrollment) => enrollment.token === token && !enrollment.isRevoked);
  }

  /** Plans something for so many days from today. */
  later(days: number, deed: () => void): void {
    this.planned.push({ day: dayAfter(this.today, days), deed });
  }

  /** Lets days pass, and what was planned for them happen in their order. */
  advance(days: number): void {
    for (let passed = 0; passed < days; passed += 1) {
      this.today = dayAfter(this.today, 1);
      const due = this.planned.filter(({ day }) => day <= this.today);
      this.planned = this.planned.filter(({ day }) => day > this.today);
      for (const { deed } of due) deed();
    }
  }
}

function dayAfter(day: string, days: number): string {
  return addDays(parseCivilDate(day), days);
}
