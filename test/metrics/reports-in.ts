// What Sentry is sent, as far as tests look at it.
import { type Received } from './collector.js';

export interface Report {
  readonly event_id: string;
  readonly message: string;
  readonly environment: string;
  readonly release: string;
  readonly tags: Readonly<Record<string, string>>;
  readonly exception: {
    readonly values: { type: string; value: string; stacktrace: { frames: { filename: string }[] } }[];
  };
  readonly request?: unknown;
  readonly user?: unknown;
}

/** An envelope is lines of JSON: what it is, then for each item what that is, and the item. */
export function reportsIn({ text }: Received): Report[] {
  const lines = text.split('\n').map((line) => JSON.parse(line) as { type?: string });
  return lines.flatMap((line, index) => (line.type === 'event' && index % 2 === 1 ? [lines[index + 1] as Report] : []));
}
