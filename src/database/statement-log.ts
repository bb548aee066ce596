// Says which statements are slow, or all of them. Texts only: values are money and secrets.
import { type QuerySettings } from '../config/settings.js';

export interface StatementLines {
  warn(line: string): void;
  debug(line: string): void;
}

const TEXT_MAX = 500;

/** A function that is told of each statement and its milliseconds. */
export function statementLog(queries: Pick<QuerySettings, 'echo' | 'slowMs'>, lines: StatementLines): (text: string, tookMs: number) => void {
  return (text, tookMs) => {
    const slow = queries.slowMs > 0 && tookMs >= queries.slowMs;
    if (!slow && !queries.echo) return;
    const line = `${tookMs.toFixed(1)} ms: ${text.length > TEXT_MAX ? `${text.slice(0, TEXT_MAX)}…` : text}`.replaceAll(/\s+/g, ' ');
    if (slow) lines.warn(`slow query, ${line}`);
    else lines.debug(line);
  };
}
