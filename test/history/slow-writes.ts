// Requests that are held in the middle of their transaction, or fail there: after what they wrote is recorded, before it is committed.
import { Database } from '../../src/database/database.js';
import { Gate } from '../support/gate.js';
import { type TestApp } from '../support/test-app.js';

interface Held {
  readonly reached: Gate;
  readonly free: Gate;
}

let count = 0;

/** A request with these headers is meant by its X-Request-Id. */
export interface Meant {
  readonly headers: Readonly<Record<string, string>>;
}

export class SlowWrites {
  private readonly held = new Map<string, Held>();

  constructor(apps: readonly TestApp[]) {
    for (const app of apps) {
      // Comes after the recorder, and so is told of a write when it is recorded.
      app.app.get(Database).observe(async (tx, { entity }) => {
        const { requestId } = tx.scope.by;
        if (requestId === null || entity.recorded === undefined) return;
        if (requestId.startsWith('failing-')) throw new Error('the power fails here');
        const held = this.held.get(requestId);
        held?.reached.open();
        await held?.free.passed;
      });
    }
  }

  /** For a request that stops before its commit, until it is let go. */
  slow(): Meant {
    const id = `slow-${(count += 1)}`;
    this.held.set(id, { reached: new Gate(), free: new Gate() });
    return { headers: { 'x-request-id': id } };
  }

  /** For a request that fails before its commit. */
  failing(): Meant {
    return { headers: { 'x-request-id': `failing-${(count += 1)}` } };
  }

  reached({ headers }: Meant): Promise<void> {
    return this.held.get(headers['x-request-id']!)!.reached.passed;
  }

  letGo({ headers }: Meant): void {
    this.held.get(headers['x-request-id']!)!.free.open();
  }

  letAllGo(): void {
    for (const { free } of this.held.values()) free.open();
  }
}
