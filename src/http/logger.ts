// The log: one JSON object a line, or lines for people. Every line of this process goes through it.
import { type DestinationStream, pino, stdTimeFunctions } from 'pino';
import { prettyFactory } from 'pino-pretty';
import { type LogSettings } from '../config/settings.js';
import { MASK } from '../config/secret.js';
import { loggedError } from './logged-error.js';

export type Log = pino.Logger;

/**
 * Nothing logs these. Should something come to, their names are enough to keep them out. They are looked for where a line has them and in
 * its `headers`: looking everywhere makes a line take eight times as long.
 */
const SECRET_FIELDS = [
  'authorization',
  'x-api-key',
  'idempotency-key',
  'cookie',
  'accessToken',
  'apiKey',
  'key',
  'password',
  'parameters',
  'detail',
];

/**
 * A line is written before the call that logged it comes back: the last ones before an end are there, too.
 *
 * @param to left out: standard output
 */
export function makeLog({ level, format }: LogSettings, to: DestinationStream = standardOutput()): Log {
  return pino(
    {
      level,
      // Whoever collects lines knows which process they are from.
      base: null,
      timestamp: stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      serializers: { err: (thrown) => loggedError(thrown) },
      redact: { paths: SECRET_FIELDS.flatMap((name) => [`["${name}"]`, `headers["${name}"]`]), censor: MASK },
    },
    format === 'json' ? to : forPeople(to),
  );
}

function standardOutput(): DestinationStream {
  return pino.destination({ dest: 1, sync: true });
}

function forPeople(to: DestinationStream): DestinationStream {
  const pretty = prettyFactory({
    colorize: process.stdout.isTTY,
    translateTime: 'SYS:HH:MM:ss.l',
    messageFormat: '{if context}{context}: {end}{msg}',
    ignore: 'context',
    singleLine: true,
  });
  return { write: (line) => to.write(pretty(line)) };
}
