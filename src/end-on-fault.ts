// A fault that nobody caught, or a rejection that nobody handled, ends the server: what it left half done in memory nobody knows. Those who
// watch are told before, within a bound. What happens meanwhile stands in transactions, as always.
import { Logger } from '@nestjs/common';
import { type NestFastifyApplication } from '@nestjs/platform-fastify';
import { EXIT } from './common/exit-codes.js';
import { FLUSH_MS_MAX, Telemetry } from './metrics/telemetry.js';

/** Should the telling itself be what is broken. */
const END_MS_MAX = FLUSH_MS_MAX + 500;

export function endOnFault(app: NestFastifyApplication): void {
  const log = new Logger('Server');
  const telemetry = app.get(Telemetry);
  let isEnding = false;
  process.on('uncaughtException', (err) => {
    // Node would print all that a driver hangs on its errors: rows and parameters, too.
    log.fatal({ err }, 'A fault that nobody caught: ending.');
    if (isEnding) return;
    isEnding = true;
    // Also where a signal had asked it to end, and that is done sooner.
    process.once('exit', () => (process.exitCode = EXIT.internal));
    const end = (): never => process.exit(EXIT.internal);
    setTimeout(end, END_MS_MAX);
    void telemetry.flush().finally(end);
  });
}
