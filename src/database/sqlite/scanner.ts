// The worker thread that scans, from the server's side: started when first needed, replaced when it dies or takes too long.
import { Worker } from 'node:worker_threads';
import { QueryTooSlow, StoreUnavailable } from '../database.errors.js';
import { type RawRow } from '../engine.js';

interface Answer {
  readonly id: number;
  readonly rows?: RawRow[];
  readonly error?: { message: string; code?: string };
}

interface Asked {
  readonly resolve: (rows: RawRow[]) => void;
  readonly reject: (error: Error) => void;
  readonly timer: NodeJS.Timeout | undefined;
}

export class Scanner {
  private worker: Worker | undefined;
  private readonly asked = new Map<number, Asked>();
  private lastId = 0;

  /** `timeoutMs` bounds one scan, waiting included; 0 is no bound. */
  constructor(
    private readonly path: string,
    private readonly timeoutMs: number,
  ) {}

  scan(text: string, values: readonly unknown[]): Promise<RawRow[]> {
    const worker = (this.worker ??= this.start());
    const id = ++this.lastId;
    return new Promise((resolve, reject) => {
      const tooSlow = (): void => this.end(new QueryTooSlow(`The scan took longer than ${this.timeoutMs} ms.`));
      const timer = this.timeoutMs > 0 ? setTimeout(tooSlow, this.timeoutMs) : undefined;
      this.asked.set(id, { resolve, reject, timer });
      worker.postMessage({ id, text, values });
    });
  }

  async close(): Promise<void> {
    const { worker } = this;
    this.end(new StoreUnavailable('The store is being closed.'));
    await worker?.terminate();
  }

  private start(): Worker {
    const worker = new Worker(new URL('./scan-worker.mjs', import.meta.url), { workerData: { path: this.path } });
    worker.unref();
    worker.on('message', (answer: Answer) => this.answer(answer));
    worker.on('error', (error) => {
      if (this.worker === worker) this.end(new StoreUnavailable('The scanning thread failed.', { cause: error }));
    });
    return worker;
  }

  private answer({ id, rows, error }: Answer): void {
    const asked = this.asked.get(id);
    if (asked === undefined) return;
    this.asked.delete(id);
    clearTimeout(asked.timer);
    if (error === undefined) asked.resolve(rows ?? []);
    else asked.reject(Object.assign(new Error(error.message), { code: error.code }));
  }

  /** A running statement cannot be interrupted from outside: the thread goes, and whoever waits is told. */
  private end(reason: Error): void {
    void this.worker?.terminate();
    this.worker = undefined;
    const waiting = [...this.asked.values()];
    this.asked.clear();
    for (const { reject, timer } of waiting) {
      clearTimeout(timer);
      reject(reason);
    }
  }
}
