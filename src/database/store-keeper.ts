// Opens the store and keeps trying: a database that is down at start means "not ready", not a crash and never another store.
import { setTimeout as sleep } from 'node:timers/promises';
import { type Engine } from './engine.js';

const PAUSE_MS_MIN = 200;
const PAUSE_MS_MAX = 5_000;

export class StoreKeeper {
  private closing = new AbortController();
  private opening: Promise<void> | undefined;
  private opened = false;
  /** Why the store is not open yet; for the probes and the log. */
  lastError: unknown;

  constructor(
    private readonly engine: Engine,
    private readonly tell: (message: string) => void,
  ) {}

  get isOpen(): boolean {
    return this.opened;
  }

  /** Tries once now; when that fails, goes on trying in the background. Answers whether it is open. */
  async start(): Promise<boolean> {
    try {
      await this.attempt();
      return true;
    } catch (error) {
      this.tell(`The store is not open yet: ${messageOf(error)} Trying again.`);
      this.opening = this.keepTrying();
      return false;
    }
  }

  async close(): Promise<void> {
    this.closing.abort();
    await this.opening;
    this.opened = false;
    await this.engine.close();
  }

  private async keepTrying(): Promise<void> {
    for (let pause = PAUSE_MS_MIN; !this.closing.signal.aborted; pause = Math.min(pause * 2, PAUSE_MS_MAX)) {
      try {
        await sleep(pause, undefined, { signal: this.closing.signal });
        await this.attempt();
        this.tell('The store is open.');
        return;
      } catch {
        // Told once; lastError holds the newest reason.
      }
    }
  }

  private async attempt(): Promise<void> {
    try {
      await this.engine.open();
      this.opened = true;
      this.lastError = undefined;
    } catch (error) {
      this.lastError = this.engine.translate(error);
      throw this.lastError;
    }
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
