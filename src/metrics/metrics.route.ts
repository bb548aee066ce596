// `GET /metrics` on the API's own port, for a key of scope admin. Not of the API: the answer is text for Prometheus, whose form is Prometheus'
// and whose content docs/metrics.md lists, so openapi.json does not have it.
import { type FastifyInstance } from 'fastify';
import { OwnerForbidden } from '../auth/auth.errors.js';
import '../auth/access.js';
import { type Metrics } from './metrics.js';

export const METRICS_PATH = '/metrics';

/** Before the router is closed. */
export function serveMetrics(fastify: FastifyInstance, metrics: Metrics): void {
  fastify.get(METRICS_PATH, { config: { access: 'admin' } }, async ({ principal }, reply) => {
    // They are of all owners together.
    if (principal?.owner !== undefined) throw new OwnerForbidden();
    const text = await metrics.text();
    return reply.type(metrics.contentType).send(text);
  });
}
