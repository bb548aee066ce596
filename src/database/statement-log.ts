// Says which statements are slow, or all of them, and hands each on to whoever counts them. Texts only: values are money and secrets.
import { type Logger } from 'typeorm';
import { type QuerySettings } from '../config/settings.js';
import { StatementOperations } from './statement-operation.js';

export interface StatementLines {
  warn(line: string): void;
  log(line: string): void;
}

const TEXT_MAX = 500;

/** Told of each statement, and how long it took in milliseconds. */
export type StatementLog = (text: string, tookMs: number) => void;

/** Told of each statement when it has ended, within the work that asked for it. */
export type StatementObserver = (operation: string, tookMs: number, isSlow: boolean) => void;

/** The statements of a store as they pass. Nobody looks: it costs nothing. */
export class StatementWatch {
  private readonly operations = new StatementOperations();
  private observers: readonly StatementObserver[] = [];

  /** @param tell what it throws would be thrown in the midst of a transaction: it throws nothing */
  observe(tell: StatementObserver): void {
    this.observers = [...this.observers, tell];
  }

  tell(text: string, tookMs: number, isSlow: boolean): void {
    if (this.observers.length === 0) return;
    const operation = this.operations.of(text);
    for (const tell of this.observers) tell(operation, tookMs, isSlow);
  }
}

export function statementLog(
  queries: Pick<QuerySettings, 'echo' | 'slowMs'>,
  lines: StatementLines,
  watch?: StatementWatch,
): StatementLog {
  return (text, tookMs) => {
    const slow = queries.slowMs > 0 && tookMs >= queries.slowMs;
    watch?.tell(text, tookMs, slow);
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
