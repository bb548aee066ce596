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
  readonly question: { readonly id: number; readonly text: string; readonly values: readonly unknown[] };
  readonly resolve: (rows: RawRow[]) => void;
  readonly reject: (error: Error) => void;
  readonly timer: NodeJS.Timeout | undefined;
}

export class Scanner {
  private worker: Worker | undefined;
  /** In the order in which they were asked, which is that of their answers. */
  private readonly asked = new Map<number, Asked>();
  private lastId = 0;

  /** `timeoutMs` bounds one scan, waiting included; 0 is no bound. */
  constructor(
    private readonly path: string,
    private readonly timeoutMs: number,
  ) {}

  scan(text: string, values: readonly unknown[]): Promise<RawRow[]> {
    const question = { id: ++this.lastId, text, values };
    return new Promise((resolve, reject) => {
      const timer = this.timeoutMs > 0 ? setTimeout(() => this.giveUp(question.id), this.timeoutMs) : undefined;
      this.asked.set(question.id, { question, resolve, reject, timer });
      this.worker ??= this.start();
      this.worker.postMessage(question);
    });
  }

  async close(): Promise<void> {
    const { worker } = this;
    this.worker = undefined;
    this.refuseAll(new StoreUnavailable('The store is being closed.'));
    await worker?.terminate();
  }

  private start(): Worker {
    const worker = new Worker(new URL('./scan-worker.mjs', import.meta.url), { workerData: { path: this.path } });
    let cause: unknown;
    worker.unref();
    worker.on('message', (answer: Answer) => this.answer(answer));
    worker.on('error', (error) => (cause = error));
    worker.on('exit', () => {
      if (this.worker !== worker) return;
      this.worker = undefined;
      this.refuseAll(new StoreUnavailable('The scanning thread ended.', { cause }));
    });
    return worker;
  }

  private answer({ id, rows, error }: Answer): void {
    const asked = this.take(id);
    if (error === undefined) asked?.resolve(rows ?? []);
    else asked?.reject(Object.assign(new Error(error.message), { code: error.code }));
  }

  /** A running statement cannot be interrupted from outside: its thread goes, and another does what was waiting behind it. */
  private giveUp(id: number): void {
    this.take(id)?.reject(new QueryTooSlow(`The scan took longer than ${this.timeoutMs} ms.`));
    void this.worker?.terminate();
    this.worker = undefined;
    if (this.asked.size === 0) return;
    this.worker = this.start();
    for (const { question } of this.asked.values()) this.worker.postMessage(question);
  }

  private take(id: number): Asked | undefined {
    const asked = this.asked.get(id);
    this.asked.delete(id);
    clearTimeout(asked?.timer);
    return asked;
  }

  private refuseAll(reason: Error): void {
    for (const id of this.asked.keys()) this.take(id)?.reject(reason);
  }
}
