// A log that a test reads: every line as it was written. The search for secrets after the run reads it, too.
import { type Log, makeLog } from '../../src/http/logger.js';
import { keepLines } from './run-log.js';

export type Line = Readonly<Record<string, unknown>>;

export class Lines {
  readonly all: Line[] = [];
  readonly log: Log = makeLog(
    { level: 'trace', format: 'json' },
    {
      write: (text) => {
        keepLines('lines', text);
        this.all.push(JSON.parse(text) as Line);
      },
    },
  );

  /** Those of requests. */
  get requests(): Line[] {
    return this.all.filter(({ method }) => method !== undefined);
  }

  clear(): void {
    this.all.length = 0;
  }
}
