// Connections that do not wait for ever: one whose server stays silent about a query is given up.
import { Client, type ClientConfig } from 'pg';

const LOOK_MS = 1_000;

/**
 * A class of connections that break when a query has gone unanswered for `hungMs`.
 * One look a second at all of them instead of pg's own `query_timeout`: that is a timer a query, by which each query's rows outlive two
 * collections of young garbage. Under load an eighth of the process's time went into that, and its memory doubled.
 */
export function watchedClient(hungMs: number): new (config?: string | ClientConfig) => Client {
  const open = new Set<WatchedClient>();
  let looking: NodeJS.Timeout | undefined;

  function look(): void {
    const silentSince = performance.now() - hungMs;
    for (const client of open) if (client.askedAt !== undefined && client.askedAt <= silentSince) client.giveUp();
    if (open.size > 0) return;
    clearInterval(looking);
    looking = undefined;
  }

  class WatchedClient extends Client {
    /** When the newest query was asked; undefined when all are answered. */
    askedAt: number | undefined;

    constructor(config?: string | ClientConfig) {
      super(config);
      this.on('drain', () => (this.askedAt = undefined));
      this.once('end', () => open.delete(this));
      open.add(this);
      looking ??= setInterval(look, LOOK_MS).unref();
    }

    giveUp(): void {
      open.delete(this);
      const { connection } = this as unknown as { connection: { stream: { destroy(error: Error): void } } };
      connection.stream.destroy(new Error('Query read timeout'));
    }
  }

  const ask = Client.prototype.query as (...args: unknown[]) => unknown;
  Object.defineProperty(WatchedClient.prototype, 'query', {
    value(this: WatchedClient, ...args: unknown[]): unknown {
      this.askedAt = performance.now();
      return ask.apply(this, args);
    },
  });
  return WatchedClient;
}
