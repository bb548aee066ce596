// Says which statements are slow, or all of them. Texts only: values are money and secrets.
import { type Logger } from 'typeorm';
import { type QuerySettings } from '../config/settings.js';

export interface StatementLines {
  warn(line: string): void;
  log(line: string): void;
}

const TEXT_MAX = 500;

/** Told of each statement, and how long it took in milliseconds. */
export type StatementLog = (text: string, tookMs: number) => void;

export function statementLog(queries: Pick<QuerySettings, 'echo' | 'slowMs'>, lines: StatementLines): StatementLog {
  return (text, tookMs) => {
    const slow = queries.slowMs > 0 && tookMs >= queries.slowMs;
    if (!slow && !queries.echo) return;
    const line = `${tookMs.toFixed(1)} ms: ${text.length > TEXT_MAX ? `${text.slice(0, TEXT_MAX)}…` : text}`.replaceAll(
      /\s+/g,
      ' ',
    );
    if (slow) lines.warn(`slow query, ${line}`);
    else lines.log(line);
  };
}

/** What TypeORM itself asks of the store, in the same log. */
export class MapperLog implements Logger {
  constructor(private readonly told: StatementLog) {}

  logQuerySlow(tookMs: number, text: string): void {
    this.told(text, tookMs);
  }

  logQuery(): void {}
  logQueryError(): void {}
  logSchemaBuild(): void {}
  logMigration(): void {}
  log(): void {}
}
