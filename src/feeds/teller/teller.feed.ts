// Real banks, by way of Teller: the port's questions as Teller's, and its answers as the port's.
import { type Clock, epochMsOf } from '../../common/clock.js';
import { type Currencies } from '../../common/currency.js';
import { type TellerSettings } from '../../config/feed-settings.js';
import { type Secret } from '../../config/secret.js';
import {
  type AskedAccount,
  type Feed,
  type FeedAccess,
  type FeedAccount,
  type FeedBalance,
  type FeedEnrollment,
  type FeedEnrollRequest,
  type FeedInstitution,
  type FeedPage,
  type FeedPageRequest,
} from '../port/feed.port.js';
import { TELLER_FEED } from '../port/feed-names.js';
import { EnrollmentDisconnected, FeedEnvironmentMismatch } from '../port/feeds.errors.js';
import { type TellerAnswer, type TellerClient, type TellerQuestion } from './teller.client.js';
import { type TellerConnect } from './teller.connect.js';
import { refusalBy, type Subject } from './teller.refusals.js';
import { accountOf, type Asked, balanceOf, institutionOf, lineOf } from './teller.translation.js';
import { readElement, readElements } from './teller.wire.js';

/** The lane of questions that are nobody's. */
const NOBODY = '';
const INSTITUTIONS_MS = 6 * 3_600_000;
/** What says that the enrollment has ended already. */
const ENDED_STATUSES: ReadonlySet<number> = new Set([401, 403, 404, 410]);

interface KnownInstitutions {
  readonly since: number;
  readonly institutions: readonly FeedInstitution[];
}

export class TellerFeed implements Feed {
  readonly name = TELLER_FEED;
  private known: KnownInstitutions | undefined;

  constructor(
    private readonly settings: Pick<TellerSettings, 'environment'>,
    private readonly client: TellerClient,
    private readonly connect: TellerConnect,
    private readonly currencies: Currencies,
    private readonly clock: Clock,
  ) {}

  /** Some thousands of banks, which seldom change: asked for now and then, and an older list is better than none. */
  async institutions(): Promise<readonly FeedInstitution[]> {
    const now = epochMsOf(this.clock.now());
    const { known } = this;
    if (known !== undefined && now - known.since < INSTITUTIONS_MS) return known.institutions;
    try {
      const body = await this.answer(
        { method: 'GET', path: '/institutions', token: null, lane: NOBODY },
        'institutions',
      );
      const institutions = readElements(body).map(institutionOf);
      this.known = { since: now, institutions };
      return institutions;
    } catch (error) {
      if (known === undefined) throw error;
      return known.institutions;
    }
  }

  async enroll(request: FeedEnrollRequest): Promise<FeedEnrollment> {
    return this.connect.read(request);
  }

  async accounts(access: FeedAccess): Promise<readonly FeedAccount[]> {
    return readElements(await this.get(access, '/accounts', 'enrollment')).map(accountOf);
  }

  async balance(access: FeedAccess, account: AskedAccount): Promise<FeedBalance> {
    const body = await this.get(access, `${pathOf(account)}/balances`, 'account');
    return balanceOf(readElement(body), this.asked(account));
  }

  /** Teller's pages begin after a line; a full one may have another behind it. */
  async page(access: FeedAccess, account: AskedAccount, { from, before, count }: FeedPageRequest): Promise<FeedPage> {
    const query = new URLSearchParams({
      count: `${count}`,
      ...(before === undefined ? {} : { from_id: before }),
      ...(from === undefined ? {} : { start_date: from }),
    });
    const subject = before === undefined ? 'account' : 'older lines';
    const body = await this.get(access, `${pathOf(account)}/transactions?${query.toString()}`, subject);
    const asked = this.asked(account);
    const lines = readElements(body).map((element) => lineOf(element, asked));
    return lines.length === count ? { lines, next: lines.at(-1)!.externalId } : { lines };
  }

  /** Whatever this service is set up for: a token that is still known is ended. */
  async disconnect(access: FeedAccess): Promise<void> {
    const { accessToken: token, enrollmentExternalId: lane } = access;
    if (token === null) return;
    const answer = await this.client.ask({ method: 'DELETE', path: '/accounts', token, lane });
    if (!isGood(answer) && !ENDED_STATUSES.has(answer.status)) throw refusalBy(answer, 'enrollment');
  }

  close(): Promise<void> {
    return this.client.close();
  }

  private get(access: FeedAccess, path: string, subject: Subject): Promise<Uint8Array> {
    const token = this.tokenOf(access);
    return this.answer({ method: 'GET', path, token, lane: access.enrollmentExternalId }, subject);
  }

  private async answer(question: TellerQuestion, subject: Subject): Promise<Uint8Array> {
    const answer = await this.client.ask(question);
    if (isGood(answer)) return answer.body;
    throw refusalBy(answer, subject);
  }

  /** @throws EnrollmentDisconnected where there is none, FeedEnvironmentMismatch for one of another environment: Teller would answer it. */
  private tokenOf({ environment, accessToken }: FeedAccess): Secret {
    if (accessToken === null) throw new EnrollmentDisconnected('There is no access token for the enrollment any more.');
    const here = this.settings.environment;
    const isOfSandbox = accessToken.reveal().startsWith('test_');
    if (environment === here && isOfSandbox === (here === 'sandbox')) return accessToken;
    throw new FeedEnvironmentMismatch(
      `The enrollment is of Teller's environment ${environment}, its access token of ${isOfSandbox ? 'the sandbox' : 'real banks'}, and TELLER_ENVIRONMENT is ${here}.`,
    );
  }

  private asked(account: AskedAccount): Asked {
    return { ...account, exponent: this.currencies.exponentOf(account.currency) };
  }
}

function isGood({ status }: TellerAnswer): boolean {
  return status >= 200 && status < 300;
}

function pathOf({ externalId }: AskedAccount): string {
  return `/accounts/${encodeURIComponent(externalId)}`;
}
