// SIGTERM and SIGINT end the server in order: not ready any more, requests in flight finish, the store is closed, exit code 0.
import { Logger } from '@nestjs/common';
import { type NestFastifyApplication } from '@nestjs/platform-fastify';

/** One Ctrl-C may come twice: from the terminal to the whole group, and handed on by a parent. */
const SAME_SIGNAL_MS = 500;

/** @param graceMs how long requests in flight are given; then the process ends with exit code 1. A second signal ends it at once. */
export function stopOnSignal(app: NestFastifyApplication, graceMs: number): void {
  const log = new Logger('Server');
  let firstAt: number | undefined;
  const stop = (signal: NodeJS.Signals): void => {
    const now = performance.now();
    if (firstAt !== undefined && now - firstAt < SAME_SIGNAL_MS) return;
    if (firstAt !== undefined) {
      log.warn(`${signal} again: ending at once.`);
      process.exit(1);
    }
    firstAt = now;
    log.log(`${signal}: stopping; requests in flight are given ${graceMs} ms.`);
    setTimeout(() => {
      log.warn('Requests were still in flight when the time was up: ending at once.');
      process.exit(1);
    }, graceMs).unref();
    void end(app, log);
  };
  process.on('SIGTERM', stop);
  process.on('SIGINT', stop);
}

async function end(app: NestFastifyApplication, log: Logger): Promise<void> {
  try {
    await app.close();
    log.log('Stopped.');
    process.exit(0);
  } catch (error) {
    log.error('Stopping failed.', error);
    process.exit(1);
  }
}
