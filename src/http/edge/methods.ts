// Methods that a path does not have: OPTIONS says which it has; any other is refused, and told the same.
import { type FastifyInstance, type HTTPMethods } from 'fastify';
import { MethodNotAllowed } from '../http.errors.js';

const NO_CONTENT = 204;

/** After CORS, which answers a preflight in its own way. Before routes are registered: it has to be told of them. */
export function answerOtherMethods(edge: FastifyInstance): void {
  const methods = new Set<HTTPMethods>();
  edge.addHook('onRoute', ({ method }) => {
    for (const one of [method].flat()) if (one !== 'OPTIONS') methods.add(one as HTTPMethods);
  });
  edge.addHook('onRequest', (request, reply, done) => {
    const isOptions = request.method === 'OPTIONS';
    const allowed = isOptions || request.is404 ? methodsAt(edge, methods, request.url) : [];
    if (allowed.length === 0) return done();
    const allow = [...allowed, 'OPTIONS'].join(', ');
    void reply.header('allow', allow);
    if (isOptions) void reply.code(NO_CONTENT).send();
    else done(new MethodNotAllowed(allow));
  });
}

/** None where there is no such path. */
function methodsAt(edge: FastifyInstance, methods: ReadonlySet<HTTPMethods>, url: string): HTTPMethods[] {
  // The router would take `*v1/accounts` for `/v1/accounts`.
  if (!url.startsWith('/')) return [];
  return [...methods].filter((method) => {
    // Typed as always found, which it is not.
    const found = edge.findRoute({ method, url }) as { params: Record<string, string | undefined> } | null;
    // `/v1/accounts//` is no account: the routes refuse a name that is empty, and so there is nothing to allow.
    return found !== null && !Object.values(found.params).includes('');
  });
}
