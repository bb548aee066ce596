// How often somebody may ask in a minute, counted in this process alone: a fuse, not a bill.
import { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';
import { RateLimited } from './limits.errors.js';

type Check = ReturnType<FastifyInstance['createRateLimit']>;

const MINUTE_MS = 60_000;
/** How many are counted; beyond, whoever has been away longest is forgotten. */
const COUNTED_MAX = 100_000;

export class RateLimit {
  private constructor(private readonly check: Check | undefined) {}

  /**
   * @param fastify with the plugin registered
   * @param max requests a minute; 0 is no limit
   * @param whose whose requests are counted together
   */
  static of(fastify: FastifyInstance, max: number, whose: (request: FastifyRequest) => string): RateLimit {
    if (max === 0) return new RateLimit(undefined);
    // The types leave `cache` out, without which 5,000 are counted.
    const options = { max, timeWindow: MINUTE_MS, cache: COUNTED_MAX, keyGenerator: whose };
    return new RateLimit(fastify.createRateLimit(options));
  }

  /** @throws RateLimited for one request more than may be */
  async count(request: FastifyRequest, reply: FastifyReply): Promise<void> {
    if (this.check === undefined) return;
    const state = await this.check(request);
    if (!state.isAllowed && state.isExceeded) refuse(reply, state.max, state.ttlInSeconds);
  }

  /** Counts nothing. @throws RateLimited when no further request may be */
  async refuseSpent(request: FastifyRequest, reply: FastifyReply): Promise<void> {
    if (this.check === undefined) return;
    const state = await this.check(request, { increment: false });
    if (!state.isAllowed && state.remaining === 0) refuse(reply, state.max, state.ttlInSeconds);
  }
}

/** Only here: on every answer these headers would cost more than anybody whom so wide a limit never meets has of them. */
function refuse(reply: FastifyReply, limit: number, resetSeconds: number): never {
  void reply.headers({
    'ratelimit-limit': String(limit),
    'ratelimit-remaining': '0',
    'ratelimit-reset': String(resetSeconds),
  });
  throw new RateLimited(resetSeconds);
}
