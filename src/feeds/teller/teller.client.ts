// Asks Teller over HTTPS: as often as it takes, not for longer than it should, and a few questions about one enrollment at a time.
import { X509Certificate } from 'node:crypto';
import { setMaxListeners } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import pLimit, { type LimitFunction } from 'p-limit';
import { Agent, request } from 'undici';
import { type Clock, civilDateOf, epochMsOf, instantOf } from '../../common/clock.js';
import { VERSION } from '../../common/version.js';
import { type TellerSettings } from '../../config/feed-settings.js';
import { type Secret } from '../../config/secret.js';
import { FeedUnavailable } from '../port/feeds.errors.js';
import { retryAfterSeconds } from './retry-after.js';
import { type Circumstances, TookTooLong, type TransportFault, transportFault } from './teller.transport.js';

export interface TellerQuestion {
  readonly method: 'GET' | 'DELETE';
  /** From the slash on, with its query. */
  readonly path: string;
  /** Null for what anybody may ask. */
  readonly token: Secret | null;
  /** Questions of one lane wait for each other: an enrollment's id. */
  readonly lane: string;
}

export interface TellerAnswer {
  readonly status: number;
  readonly body: Uint8Array;
  /** When Teller wants to be asked again, where it says so. */
  readonly retryAfterSeconds: number | undefined;
}

export type TellerClientSettings = Pick<
  TellerSettings,
  'apiUrl' | 'certificate' | 'authorities' | 'timeoutMs' | 'concurrency'
>;

/** How it waits, and by what chance. */
export interface Patience {
  readonly pause: (ms: number, signal: AbortSignal) => Promise<void>;
  /** 0 <= number < 1 */
  readonly random: () => number;
}

const API_VERSION = '2020-10-12';
const TRIES_MAX = 4;
/** Each of them took its whole time. */
const TIMEOUTS_MAX = 2;
/** GET and DELETE may be asked again whatever became of them: a second time they do nothing more. */
const PASSING_STATUSES: ReadonlySet<number> = new Set([408, 429, 502, 503, 504]);
const BACKOFF_MS = 500;
const BACKOFF_MS_MAX = 8_000;
/** A longer wait is for whoever asks, not for a question that stands in a lane. */
const RETRY_AFTER_SECONDS_MAX = 10;
const CONNECT_MS_MAX = 10_000;
const IDLE_MS = 30_000;
const CONNECTIONS_MAX = 32;
const ANSWER_BYTES_MAX = 16 * 1_048_576;

const PATIENCE: Patience = {
  pause: (ms, signal) => sleep(ms, undefined, { signal }),
  random: Math.random,
};

/** Tokens stand in the header of a question only: in no error, and in no log. */
export class TellerClient {
  private readonly agent: Agent;
  private readonly lanes = new Map<string, { readonly limit: LimitFunction; inside: number }>();
  private readonly closing = new AbortController();
  private readonly certificateEndsMs: number;

  constructor(
    private readonly settings: TellerClientSettings,
    private readonly clock: Clock,
    private readonly patience: Patience = PATIENCE,
  ) {
    const { certificate, authorities, timeoutMs } = settings;
    this.agent = new Agent({
      connect: {
        timeout: Math.min(CONNECT_MS_MAX, timeoutMs),
        cert: certificate?.certificate,
        key: certificate?.privateKey.reveal(),
        ca: authorities,
      },
      connections: CONNECTIONS_MAX,
      keepAliveTimeout: IDLE_MS,
      headersTimeout: timeoutMs,
      bodyTimeout: timeoutMs,
      maxResponseSize: ANSWER_BYTES_MAX,
    });
    this.certificateEndsMs =
      certificate === undefined
        ? Number.POSITIVE_INFINITY
        : Date.parse(new X509Certificate(certificate.certificate).validTo);
    setMaxListeners(0, this.closing.signal);
  }

  /**
   * The answer, of whatever status; one that may pass (429, 502, 503 …) only when it did not pass in time.
   * @throws FeedUnavailable when none came, FeedMisconfigured when Teller will not have our certificate, FeedAnswerInvalid for one without end
   */
  async ask(question: TellerQuestion): Promise<TellerAnswer> {
    const lane = this.lanes.get(question.lane) ?? { limit: pLimit(this.settings.concurrency), inside: 0 };
    this.lanes.set(question.lane, lane);
    lane.inside += 1;
    try {
      return await lane.limit(() => this.askUntilAnswered(question));
    } finally {
      lane.inside -= 1;
      if (lane.inside === 0) this.lanes.delete(question.lane);
    }
  }

  /** Whatever is still asked ends with FeedUnavailable, and so does what is asked afterwards. */
  async close(): Promise<void> {
    this.closing.abort(new FeedUnavailable('The service is shutting down: Teller is not asked any more.'));
    await this.agent.destroy();
  }

  private async askUntilAnswered(question: TellerQuestion): Promise<TellerAnswer> {
    let timeouts = 0;
    for (let tries = 1; ; tries += 1) {
      const outcome = await this.askOnce(question);
      if ('status' in outcome) {
        if (tries === TRIES_MAX || !isWorthWaiting(outcome)) return outcome;
      } else {
        if (outcome.kind === 'timeout') timeouts += 1;
        if (tries === TRIES_MAX || timeouts === TIMEOUTS_MAX || outcome.kind === 'lasting') throw outcome.refusal;
      }
      await this.wait(tries, 'status' in outcome ? outcome.retryAfterSeconds : undefined);
    }
  }

  /** Exponential, with full jitter: who was refused together does not come back together. */
  private async wait(tries: number, retryAfter = 0): Promise<void> {
    const { pause, random } = this.patience;
    const backoffMs = random() * Math.min(BACKOFF_MS_MAX, BACKOFF_MS * 2 ** (tries - 1));
    try {
      await pause(retryAfter * 1_000 + backoffMs, this.closing.signal);
    } catch (error) {
      this.closing.signal.throwIfAborted();
      throw error;
    }
  }

  private async askOnce(question: TellerQuestion): Promise<TellerAnswer | TransportFault> {
    this.closing.signal.throwIfAborted();
    const limit = new AbortController();
    const timer = setTimeout(() => limit.abort(new TookTooLong()), this.settings.timeoutMs);
    try {
      const { statusCode, headers, body } = await request(`${this.settings.apiUrl}${question.path}`, {
        dispatcher: this.agent,
        method: question.method,
        headers: headersFor(question),
        signal: limit.signal,
      });
      const answeredAt = Date.parse(one(headers['date']) ?? '');
      return {
        status: statusCode,
        body: await body.bytes(),
        retryAfterSeconds: retryAfterSeconds(
          one(headers['retry-after']),
          Number.isNaN(answeredAt) ? epochMsOf(this.clock.now()) : answeredAt,
        ),
      };
    } catch (error) {
      this.closing.signal.throwIfAborted();
      return transportFault(error, this.circumstances());
    } finally {
      clearTimeout(timer);
    }
  }

  private circumstances(): Circumstances {
    const isExpired = epochMsOf(this.clock.now()) >= this.certificateEndsMs;
    return {
      timeoutMs: this.settings.timeoutMs,
      answerBytesMax: ANSWER_BYTES_MAX,
      expiredOn: isExpired ? civilDateOf(instantOf(this.certificateEndsMs)) : undefined,
    };
  }
}

function isWorthWaiting({ status, retryAfterSeconds: seconds = 0 }: TellerAnswer): boolean {
  return PASSING_STATUSES.has(status) && seconds <= RETRY_AFTER_SECONDS_MAX;
}

function headersFor({ token }: TellerQuestion): Record<string, string> {
  const headers = {
    accept: 'application/json',
    'teller-version': API_VERSION,
    'user-agent': `passbook/${VERSION}`,
  };
  if (token === null) return headers;
  return { ...headers, authorization: `Basic ${Buffer.from(`${token.reveal()}:`).toString('base64')}` };
}

function one(header: string | string[] | undefined): string | undefined {
  return Array.isArray(header) ? header[0] : header;
}
