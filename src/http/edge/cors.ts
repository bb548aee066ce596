// Which web pages may call, and what of an answer their scripts may see. Others are told nothing at all.
import { type FastifyRequest } from 'fastify';
import { type NestFastifyApplication } from '@nestjs/platform-fastify';

type CorsOptions = NonNullable<Parameters<NestFastifyApplication['enableCors']>[0]>;

const METHODS = ['GET', 'HEAD', 'POST', 'PATCH', 'DELETE'];
const REQUEST_HEADERS = [
  'Authorization',
  'X-API-Key',
  'Content-Type',
  'Idempotency-Key',
  'If-Match',
  'If-None-Match',
  'X-Request-Id',
];
const ANSWER_HEADERS = [
  'ETag',
  'Link',
  'Location',
  'X-Request-Id',
  'Retry-After',
  'Idempotency-Replayed',
  'RateLimit-Limit',
  'RateLimit-Remaining',
  'RateLimit-Reset',
  'Deprecation',
  'Sunset',
];
/** Chromium's own limit is two hours. */
const PREFLIGHT_KEPT_SECONDS = 7_200;

export function letPagesCall(app: NestFastifyApplication, origins: readonly string[]): void {
  const listed: CorsOptions = {
    methods: METHODS,
    allowedHeaders: REQUEST_HEADERS,
    exposedHeaders: ANSWER_HEADERS,
    maxAge: PREFLIGHT_KEPT_SECONDS,
    credentials: false,
  };
  const delegator = ({ headers }: FastifyRequest, answer: (error: null, options: CorsOptions) => void): void => {
    const { origin } = headers;
    const preflight = headers['access-control-request-method'] !== undefined;
    const isListed = origin !== undefined && origins.includes(origin);
    answer(null, isListed ? { ...listed, origin, preflight } : { origin: false });
  };
  app.enableCors({ delegator } as CorsOptions);
}
