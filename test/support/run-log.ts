// Where the services of a test run log to, and which secrets they were given: after the run the one is searched for the other.
import { appendFileSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { type DestinationStream, pino } from 'pino';
import { type Log, makeLog } from '../../src/http/logger.js';

/** Set for a run by its script; without it nothing is kept. */
const RUN_LOG_VARIABLE = 'PASSBOOK_TEST_LOGS';
/** Shorter ones would be found in what has nothing to do with them. */
const SECRET_LENGTH_MIN = 8;

const folder = process.env[RUN_LOG_VARIABLE];
if (folder !== undefined) mkdirSync(folder, { recursive: true });

const nowhere: DestinationStream = { write: () => undefined };

/** Of every service that this worker runs; all that they have to say. */
export const runLog: Log = makeLog(
  { level: 'trace', format: 'json' },
  folder === undefined ? nowhere : pino.destination({ dest: join(folder, `worker-${process.pid}.log`), sync: true }),
);

/** For the lines of a process of its own. @param name tells it from others of this worker */
export function keepLines(name: string, text: string): void {
  if (folder !== undefined) appendFileSync(join(folder, `${name}-${process.pid}.log`), text);
}

const kept = new Set<string>();

/** Nothing of this may stand in any line of the run. */
export function keepSecret(...texts: readonly string[]): void {
  for (const text of texts) {
    if (folder === undefined || text.length < SECRET_LENGTH_MIN || kept.has(text)) continue;
    kept.add(text);
    appendFileSync(join(folder, `secrets-${process.pid}.jsonl`), `${JSON.stringify(text)}\n`);
  }
}
