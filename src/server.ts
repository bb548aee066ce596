// The HTTP server around the service: made the same way by the server itself, by the developer's command and by tests.
import 'reflect-metadata';
import { type LogLevel as NestLogLevel } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { AppModule, type Given } from './app.module.js';
import { type Settings } from './config/settings.js';
import { compressLargeAnswers } from './http/edge/compression.js';
import { letPagesCall } from './http/edge/cors.js';
import { openEdge } from './http/edge/edge.js';
import { answerOtherMethods } from './http/edge/methods.js';
import { refuseOtherMediaTypes } from './http/edge/negotiation.js';
import { ServerLogger } from './http/logger.js';
import { openApiDocument, serveDocs } from './http/openapi.js';
import { VERSION } from './common/version.js';

const NEST_LEVELS: readonly NestLogLevel[] = ['fatal', 'error', 'warn', 'log', 'debug', 'verbose'];
const LEVEL_WORDS = { silent: 0, fatal: 1, error: 2, warn: 3, info: 4, debug: 5, trace: 6 } as const;

/** Its answer shows a key, once. */
const KEYS_ROUTE = '/v1/keys';

export interface ServerOptions extends Given {
  /** Whether to say nothing at all, as tests want it. */
  readonly quiet?: boolean;
}

/** Puts the service together without listening. A store that is down is no error here: the service is then not ready. */
export async function createServer(settings: Settings, options: ServerOptions = {}): Promise<NestFastifyApplication> {
  const levels = options.quiet === true ? [] : NEST_LEVELS.slice(0, LEVEL_WORDS[settings.log.level]);
  const logger = new ServerLogger({
    logLevels: [...levels],
    json: settings.log.format === 'json',
    colors: settings.log.format === 'text' && process.stdout.isTTY,
  });
  const edge = openEdge(settings.http);
  const adapter = new FastifyAdapter(edge);
  const app = await NestFactory.create<NestFastifyApplication>(AppModule.register(settings, options), adapter, {
    logger: levels.length === 0 ? false : logger,
    abortOnError: false,
    bodyParser: false,
  });
  if (settings.http.corsOrigins.length > 0) letPagesCall(app, settings.http.corsOrigins);
  answerOtherMethods(edge);
  refuseOtherMediaTypes(edge);
  compressLargeAnswers(edge, [KEYS_ROUTE]);
  serveDocs(app, openApiDocument(app, VERSION));
  return app;
}
