// SIGTERM and SIGINT end the server in order, so that nobody who looks at readiness or at `Connection: close` is left without an answer:
// not ready any more; for a while requests are still taken, each answer the last on its connection; then none is taken and those in
// flight finish; then what was noted is written and the store closed. Exit code 0.
import { type Server } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { Logger } from '@nestjs/common';
import { type NestFastifyApplication } from '@nestjs/platform-fastify';
import { EXIT } from './common/exit-codes.js';
import { type Settings } from './config/settings.js';
import { Readiness } from './health/readiness.js';
import { Connections } from './http/connections.js';

/** One Ctrl-C may come twice: from the terminal to the whole group, and handed on by a parent. */
const SAME_SIGNAL_MS = 500;

type Patience = Pick<Settings, 'shutdownDelayMs' | 'shutdownGraceMs'>;

/** What was asked of the process while it still starts must not look like a failed start. */
export interface Stopping {
  readonly isUnderWay: boolean;
}

/** Before the app listens. When requests are in flight for longer than they are given, or at a second signal, the process ends at once, with exit code 1. */
export function stopOnSignal(app: NestFastifyApplication, patience: Patience): Stopping {
  const log = new Logger('Server');
  const connections = new Connections(app.getHttpServer() as Server);
  // Told at that very moment, which comes after all that works in the background has been stopped.
  app
    .getHttpAdapter()
    .getInstance()
    .addHook('preClose', (done) => {
      connections.close();
      done();
    });
  let firstAt: number | undefined;
  const stop = (signal: NodeJS.Signals): void => {
    const now = performance.now();
    if (firstAt !== undefined && now - firstAt < SAME_SIGNAL_MS) return;
    if (firstAt !== undefined) {
      log.warn(`${signal} again: ending at once.`);
      process.exit(EXIT.failed);
    }
    firstAt = now;
    app.get(Readiness, { strict: false }).turnOff();
    connections.leave();
    void end(app, patience, signal);
  };
  process.on('SIGTERM', stop);
  process.on('SIGINT', stop);
  return {
    get isUnderWay() {
      return firstAt !== undefined;
    },
  };
}

async function end(
  app: NestFastifyApplication,
  { shutdownDelayMs, shutdownGraceMs }: Patience,
  signal: NodeJS.Signals,
): Promise<void> {
  const log = new Logger('Server');
  try {
    // Nobody can have been told of a server that does not listen yet.
    if ((app.getHttpServer() as Server).listening && shutdownDelayMs > 0) {
      log.log(`${signal}: not ready any more; requests are still taken for ${shutdownDelayMs} ms.`);
      await sleep(shutdownDelayMs);
    }
    log.log(`${signal}: stopping; requests in flight are given ${shutdownGraceMs} ms.`);
    setTimeout(() => {
      log.warn('Requests were still in flight when the time was up: ending at once.');
      process.exit(EXIT.failed);
    }, shutdownGraceMs).unref();
    await app.close();
    log.log('Stopped.');
    process.exit(EXIT.ok);
  } catch (error) {
    log.error('Stopping failed.', error);
    process.exit(EXIT.failed);
  }
}
