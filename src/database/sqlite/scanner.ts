// The process that scans, from the server's side: started when first needed, replaced when it dies or takes too long. A process and no
// thread, because nothing ends a thread while a statement runs in it.
import { type ChildProcess, fork } from 'node:child_process';
import { QueryTooSlow, StoreUnavailable } from '../database.errors.js';
import { type PoolLoad, type RawRow } from '../engine.js';

const PROGRAM = new URL('./scan-process.mjs', import.meta.url);

interface Told {
  readonly message: string;
  readonly code?: string;
}

interface Answer {
  /** None when it is the process itself that says why it ends. */
  readonly id?: number;
  readonly rows?: RawRow[];
  readonly error?: Told;
}

interface Asked {
  readonly question: { readonly id: number; readonly text: string; readonly values: readonly unknown[] };
  readonly resolve: (rows: RawRow[]) => void;
  readonly reject: (error: Error) => void;
  readonly timer: NodeJS.Timeout | undefined;
}

export class Scanner {
  private child: ChildProcess | undefined;
  /** In the order in which they were asked, which is that of their answers. */
  private readonly asked = new Map<number, Asked>();
  private lastId = 0;
  private isClosed = false;

  /** `timeoutMs` bounds one scan, waiting included; 0 is no bound. */
  constructor(
    private readonly path: string,
    private readonly timeoutMs: number,
  ) {}

  async scan(text: string, values: readonly unknown[]): Promise<RawRow[]> {
    if (this.isClosed) throw new StoreUnavailable('The store has been closed.');
    const question = { id: ++this.lastId, text, values };
    return new Promise((resolve, reject) => {
      const timer = this.timeoutMs > 0 ? setTimeout(() => this.giveUp(question.id), this.timeoutMs) : undefined;
      const asked = { question, resolve, reject, timer };
      this.asked.set(question.id, asked);
      this.ask([asked]);
    });
  }

  load(name: string): PoolLoad {
    const inUse = Math.min(1, this.asked.size);
    return { name, max: 1, open: this.child === undefined ? 0 : 1, inUse, waiting: this.asked.size - inUse };
  }

  /** Comes back when the process is gone. */
  async close(): Promise<void> {
    this.isClosed = true;
    const { child } = this;
    this.child = undefined;
    this.refuseAll(new StoreUnavailable('The store is being closed.'));
    if (child === undefined) return;
    const gone = new Promise((resolve) => child.once('close', resolve));
    // Now it is waited for: a server with nothing else to do would end here, before the rest of the store is closed.
    child.ref();
    child.channel?.ref();
    child.kill('SIGKILL');
    await gone;
  }

  private ask(asked: Iterable<Asked>): void {
    try {
      this.child ??= this.start();
    } catch (cause) {
      this.refuseAll(new StoreUnavailable('No scanning process could be started.', { cause }));
      return;
    }
    // One that could not be started or is just ending hears nothing, and refuses who waits when it is closed.
    if (this.child.connected) for (const { question } of asked) this.child.send(question);
  }

  private start(): ChildProcess {
    const { TMPDIR, SQLITE_TMPDIR } = process.env;
    const child = fork(PROGRAM, [this.path, String(process.pid)], {
      serialization: 'advanced',
      execArgv: [],
      // No secret of the server's; only where SQLite puts what it sorts.
      env: { TMPDIR, SQLITE_TMPDIR },
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    });
    child.unref();
    child.channel?.unref();
    let cause: Error | undefined;
    child.on('message', ({ id, rows, error }: Answer) => {
      if (id !== undefined) this.answer(id, rows, error);
      else if (error !== undefined) cause = errorOf(error);
    });
    child.on('error', (error) => (cause ??= error));
    // Not when it exits: what it had still to say comes before this.
    child.on('close', (code, signal) => {
      if (this.child !== child) return;
      this.child = undefined;
      cause ??= new Error(`ended by ${signal ?? `itself with ${code}`}`);
      this.refuseAll(new StoreUnavailable('The scanning process ended.', { cause }));
    });
    return child;
  }

  private answer(id: number, rows: RawRow[] | undefined, error: Told | undefined): void {
    const asked = this.take(id);
    if (error === undefined) asked?.resolve(rows ?? []);
    else asked?.reject(errorOf(error));
  }

  /** A running statement cannot be interrupted from outside: its process goes, and another does what was waiting behind it. */
  private giveUp(id: number): void {
    this.take(id)?.reject(new QueryTooSlow(`The scan took longer than ${this.timeoutMs} ms.`));
    this.child?.kill('SIGKILL');
    this.child = undefined;
    if (this.asked.size > 0) this.ask(this.asked.values());
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

function errorOf({ message, code }: Told): Error {
  return Object.assign(new Error(message), { code });
}
