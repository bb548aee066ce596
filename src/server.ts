// The HTTP server around the service: made the same way by the server itself, by the developer's command and by tests.
import 'reflect-metadata';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { AppModule, type Given } from './app.module.js';
import { type Settings } from './config/settings.js';
import { compressLargeAnswers } from './http/edge/compression.js';
import { letPagesCall } from './http/edge/cors.js';
import { openEdge } from './http/edge/edge.js';
import { answerOtherMethods } from './http/edge/methods.js';
import { refuseOtherMediaTypes } from './http/edge/negotiation.js';
import { type Log, makeLog } from './http/logger.js';
import { NestLog } from './http/nest-log.js';
import { Telemetry } from './metrics/telemetry.js';
import { openApiDocument, serveDocs } from './http/openapi.js';
import { STAGES } from './refusals.js';
import { VERSION } from './common/version.js';

/** Its answer shows a key, once. */
const KEYS_ROUTE = '/v1/keys';

export interface ServerOptions extends Given {
  /** Where its lines go; left out: to standard output, as the settings say. */
  readonly log?: Log;
}

/** Puts the service together without listening. A store that is down is no error here: the service is then not ready. */
export async function createServer(settings: Settings, options: ServerOptions = {}): Promise<NestFastifyApplication> {
  const log = options.log ?? makeLog(settings.log);
  const telemetry = await Telemetry.open(settings);
  const edge = openEdge(settings.http, log, telemetry.request);
  telemetry.follow(edge);
  const module = AppModule.register(settings, telemetry, options);
  const app = await NestFactory.create<NestFastifyApplication>(module, new FastifyAdapter(edge), {
    logger: new NestLog(log, telemetry.fault),
    abortOnError: false,
    bodyParser: false,
  });
  if (settings.http.corsOrigins.length > 0) letPagesCall(app, settings.http.corsOrigins);
  answerOtherMethods(edge);
  refuseOtherMediaTypes(edge);
  compressLargeAnswers(edge, [KEYS_ROUTE]);
  serveDocs(app, openApiDocument(app, VERSION, STAGES));
  return app;
}
