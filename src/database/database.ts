// The only door to the primary store. Whoever reads or writes comes through here and holds, as first argument, the leave that it gives.
import { DoorTally } from './door-tally.js';
import { type Connection, type Engine } from './engine.js';
import { BoundReader, type Reader } from './reader.js';
import { retryPassing } from './retry.js';
import { type Scope } from './scope.js';
import { BoundTransaction, type Observation, type Transaction, type WriteObserver } from './transaction.js';
import { WORDS } from './words.js';

/** Where what went wrong after a commit is told; the commit stands all the same. */
export type Complaint = (message: string, error: unknown) => void;

export class Database {
  readonly tally = new DoorTally();
  /** Never changed, only replaced: a transaction is observed from its beginning to its end, or not at all. */
  private observations: readonly Observation[] = [];

  constructor(
    private readonly engine: Engine,
    private readonly complain: Complaint,
  ) {}

  get dialect(): Engine['dialect'] {
    return this.engine.dialect;
  }

  /** Reads, statement by statement, what is committed. Runs again from the start when the connection is lost. */
  async read<T>(scope: Scope, work: (reader: Reader) => Promise<T>): Promise<T> {
    return this.run(() => this.engine.read((connection) => this.reading(connection, scope, work)));
  }

  /** Reads over one unmoving view of the store. */
  async snapshot<T>(scope: Scope, work: (reader: Reader) => Promise<T>): Promise<T> {
    return this.run(() => this.engine.snapshot((connection) => this.reading(connection, scope, work)));
  }

  /**
   * Writes, all or nothing. `work` may run again from the start after a deadlock, a busy file or a connection lost before the commit:
   * it does nothing outside of the store but in `tx.afterCommit`. Never within the work of another: it would wait for the turn or the
   * connection that the other holds.
   * @throws OutcomeUnknown when the connection is lost during the commit: only the caller can look whether it stands.
   */
  async transact<T>(scope: Scope, work: (tx: Transaction) => Promise<T>): Promise<T> {
    const { result, followUps } = await this.run(() =>
      this.engine.transact(async (connection) => {
        const tx = new BoundTransaction(connection, WORDS[this.dialect], scope, this.observations);
        try {
          return { result: await work(tx), followUps: tx.followUps };
        } finally {
          tx.end();
        }
      }),
    );
    for (const followUp of followUps) {
      try {
        await followUp();
      } catch (error) {
        this.complain('What was to follow a commit failed; the commit stands.', error);
      }
    }
    return result;
  }

  /**
   * `tell` is told of every write of each transaction that begins from now on, and of what observers before it write besides.
   * Answers how to take it away.
   */
  observe(tell: WriteObserver, wantsRows: Observation['wantsRows'] = () => false): () => void {
    const observation: Observation = { tell, wantsRows };
    this.observations = [...this.observations, observation];
    return () => void (this.observations = this.observations.filter((other) => other !== observation));
  }

  private async reading<T>(connection: Connection, scope: Scope, work: (reader: Reader) => Promise<T>): Promise<T> {
    const reader = new BoundReader(connection, WORDS[this.dialect], scope);
    try {
      return await work(reader);
    } finally {
      reader.end();
    }
  }

  private async run<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await retryPassing(work, (error) => this.tally.passing(this.engine.isPassing(error)));
    } catch (error) {
      throw this.tally.refused(this.engine.translate(error));
    }
  }
}
