// What a request passes while nothing of it has been read but its head. Whoever is refused here costs neither a parsed body nor a query.
import { Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';
import rateLimit from '@fastify/rate-limit';
import { Settings } from '../config/settings.js';
import { addressOf } from '../http/limits/address-of.js';
import { InFlight } from '../http/limits/in-flight.js';
import { Overload } from '../http/limits/overload.js';
import { RateLimit } from '../http/limits/rate-limit.js';
import { OnceKey } from '../http/once-key.js';
import '../http/key-id.js';
import { ApiKeysService } from './api-keys.service.js';
import { KeyAmbiguous, KeyMissing, KeyUnknown, ScopeInsufficient } from './auth.errors.js';
import { KeyUses } from './key-uses.js';
import { presentedKey } from './presented-key.js';
import { contains, type KeyHolder, type KeyScope, Principal } from './principal.js';

interface Limits {
  readonly byAddress: RateLimit;
  readonly byKey: RateLimit;
  /** By address, of requests that bring no valid key. */
  readonly ofStrangers: RateLimit;
}

@Injectable()
export class Admission implements OnApplicationShutdown {
  readonly inFlight: InFlight;
  private readonly overload = new Overload();
  private limits!: Limits;

  constructor(
    private readonly keys: ApiKeysService,
    private readonly uses: KeyUses,
    private readonly settings: Settings,
  ) {
    this.inFlight = new InFlight(settings.limits.inFlight);
  }

  onApplicationShutdown(): void {
    this.inFlight.stop();
  }

  /** Before the server listens: the hooks of a route are fixed when it is ready. */
  stand(fastify: FastifyInstance): void {
    const { addressPerMinute, keyPerMinute, unknownKeysPerMinute } = this.settings.limits;
    // Not awaited: Fastify would take itself for ready, before Nest has said how errors are answered.
    void fastify.register(rateLimit, { global: false }).after(() => {
      this.limits = {
        byAddress: RateLimit.of(fastify, addressPerMinute, addressOf),
        byKey: RateLimit.of(fastify, keyPerMinute, ({ keyId }) => keyId!),
        ofStrangers: RateLimit.of(fastify, unknownKeysPerMinute, addressOf),
      };
    });
    fastify.addHook('onRequest', (request, reply) => this.admit(request, reply));
    fastify.addHook('onSend', (_request, reply, _payload, done) => {
      this.inFlight.answer(reply);
      done();
    });
  }

  /** Tried in this order: rate_limited (address), overloaded, those of the key, rate_limited (key), scope_insufficient, idempotency_key_invalid. */
  private async admit(request: FastifyRequest, reply: FastifyReply): Promise<void> {
    const { access } = request.routeOptions.config;
    if (access === 'public') return;
    await this.limits.byAddress.count(request, reply);
    // No route, or none of a controller: what it answers is the same for everybody, and no work.
    if (access === undefined || request.method === 'OPTIONS') return;
    if (!this.inFlight.enter(request, reply)) return this.overload.refuse(request, reply);
    if (access === 'signed') return;
    const holder = await this.holderOf(request, reply);
    request.keyId = holder.keyId;
    await this.limits.byKey.count(request, reply);
    this.uses.note(holder.keyId);
    request.principal = this.principalOf(request, holder, access);
  }

  /**
   * Strangers that ask too often are refused without a query. A key that was valid before is looked up all the same: else anybody could
   * keep out those who share an address with them.
   */
  private async holderOf(request: FastifyRequest, reply: FastifyReply): Promise<KeyHolder> {
    const { ofStrangers } = this.limits;
    try {
      const key = presentedKey(request.raw);
      if (!this.keys.wasValid(key)) await ofStrangers.refuseSpent(request, reply);
      return await this.keys.authenticate(key);
    } catch (error) {
      const isStranger = error instanceof KeyMissing || error instanceof KeyAmbiguous || error instanceof KeyUnknown;
      if (isStranger) await ofStrangers.count(request, reply);
      throw error;
    }
  }

  private principalOf(request: FastifyRequest, holder: KeyHolder, needed: KeyScope): Principal {
    if (!contains(holder.scope, needed))
      throw new ScopeInsufficient(`This takes a key of scope ${needed}; this one has ${holder.scope}.`);
    const once = request.method === 'POST' ? OnceKey.of(request.headers['idempotency-key'], () => request) : undefined;
    if (once !== undefined) request.once = once;
    return new Principal(holder, { name: holder.keyId, requestId: request.id }, once);
  }
}
