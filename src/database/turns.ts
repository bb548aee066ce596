// One after another, first come first served: what SQLite's single writer needs.
import { StoreBusy } from './database.errors.js';
import { type PoolLoad } from './engine.js';

export class Turns {
  private busy = false;
  private readonly waiting: (() => void)[] = [];

  /** Waits for the turn, runs, and hands on. @throws StoreBusy when no turn comes within `waitMs`. */
  async take<T>(work: () => Promise<T>, waitMs: number): Promise<T> {
    if (this.busy) await this.wait(waitMs);
    else this.busy = true;
    try {
      return await work();
    } finally {
      const next = this.waiting.shift();
      if (next === undefined) this.busy = false;
      else next();
    }
  }

  /** Under the name of what there is one of. */
  load(name: string): PoolLoad {
    return { name, max: 1, open: 1, inUse: this.busy ? 1 : 0, waiting: this.waiting.length };
  }

  private wait(waitMs: number): Promise<void> {
    return new Promise((resolve, reject) => {
      const turn = (): void => {
        clearTimeout(timer);
        resolve();
      };
      const timer = setTimeout(() => {
        this.waiting.splice(this.waiting.indexOf(turn), 1);
        reject(new StoreBusy(`No turn to write came free within ${waitMs} ms.`));
      }, waitMs);
      this.waiting.push(turn);
    });
  }
}
