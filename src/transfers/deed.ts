// What somebody asks of the books: judged in memory, in turn with the deeds of others.
import { type IdempotencyKey } from '../changes/idempotency-key.entity.js';
import { type HoldId, type TransferId } from '../common/ids.js';
import { type OnceKey } from '../http/once-key.js';
import { type Books } from './books.js';

/** Which rows a deed has to know, and what keeps them still: the accounts are locked. */
export interface Needs {
  /** Ids or numbers. */
  readonly accounts: readonly string[];
  /** That it names, or would make under an id that a client gave. */
  readonly transfers?: readonly TransferId[];
  /** That it would make under ids of ours: they can stand only where a commit was lost on the way. */
  readonly newTransfers?: readonly TransferId[];
  readonly reverses?: TransferId;
  readonly holds?: readonly HoldId[];
  readonly newHolds?: readonly HoldId[];
}

export interface Deed<Answer extends object = object> {
  readonly needs: Needs;
  /** How many transfers it may make: how much of a batch it fills. */
  readonly weight: number;
  /** Changes the books, or throws a refusal and has changed nothing. Answers how to make the answer, once the books are sealed. */
  perform(books: Books): () => Answer;
}

/** A deed that somebody waits for. */
export interface Asked {
  readonly deed: Deed;
  /** What it made, as the API shows it: once the books are sealed. */
  readonly present: (made: object) => object;
  readonly once: OnceKey | undefined;
  /** In which its answer is kept, where it shall have one effect however often it is asked for. */
  readonly key: IdempotencyKey | undefined;
}
