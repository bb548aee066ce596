// A batch, judged: what each of its deeds comes to on books that the ones before it have changed.
import { IdempotencyKeyReused } from '../changes/changes.errors.js';
import { type IdempotencyKey } from '../changes/idempotency-key.entity.js';
import { type KeptAnswers } from '../changes/kept-answers.js';
import { Refusal } from '../common/domain-error.js';
import { type Books } from './books.js';
import { type Asked } from './deed.js';

export type Answered = { readonly answer: object } | { readonly refusal: Refusal };

/** Done now; done before; the same as another of the batch; refused. */
type Verdict =
  | { readonly made: () => object }
  | { readonly answer: object }
  | { readonly twinOf: number }
  | { readonly refusal: Refusal };

export class Judgement {
  private readonly verdicts: Verdict[] = [];
  /** Of keys that a deed of the batch was done for: its place. */
  private readonly firsts = new Map<string, number>();
  private answersMade: readonly Answered[] | undefined;

  /** @param kept what was answered before, by the ids of the keys */
  constructor(
    private readonly batch: readonly Asked[],
    readonly books: Books,
    private readonly kept: ReadonlyMap<string, IdempotencyKey>,
    private readonly keptAnswers: KeptAnswers,
  ) {
    for (const [index, asked] of batch.entries()) this.verdicts.push(this.verdictOn(asked, index));
  }

  /** Whether something is refused that may be the repetition of what was not. */
  get refusesRepeatable(): boolean {
    return this.verdicts.some((verdict, index) => 'refusal' in verdict && this.batch[index]!.key !== undefined);
  }

  /** One for each deed, in order. Only once the books are sealed. */
  get answers(): readonly Answered[] {
    this.answersMade ??= this.makeAnswers();
    return this.answersMade;
  }

  /** Of deeds that were done now, and that may be asked for again. */
  answersToKeep(): IdempotencyKey[] {
    return this.batch.flatMap(({ key, once }, index) => {
      const answered = this.answers[index]!;
      if (key === undefined || once === undefined || !('made' in this.verdicts[index]!)) return [];
      return 'answer' in answered ? [this.keptAnswers.completed(key, once, answered.answer)] : [];
    });
  }

  private verdictOn(asked: Asked, index: number): Verdict {
    const { key, once } = asked;
    if (key === undefined || once === undefined) return this.perform(asked);
    const row = this.kept.get(key.id);
    if (row !== undefined) return this.repetition(row, asked);
    const first = this.firsts.get(key.id);
    if (first === undefined) {
      const verdict = this.perform(asked);
      if ('made' in verdict) this.firsts.set(key.id, index);
      return verdict;
    }
    return this.batch[first]!.key!.fingerprint === key.fingerprint
      ? { twinOf: first }
      : { refusal: new IdempotencyKeyReused() };
  }

  private repetition(row: IdempotencyKey, { key, once }: Asked): Verdict {
    try {
      const answer = this.keptAnswers.answerOf(row, once!)!;
      // This request's own first attempt, whose commit was lost on the way, is no repetition.
      if (row.claim !== key!.claim) once!.markReplayed();
      return { answer };
    } catch (error) {
      if (error instanceof Refusal) return { refusal: error };
      throw error;
    }
  }

  private perform({ deed }: Asked): Verdict {
    try {
      return { made: this.books.attempt(() => deed.perform(this.books)) };
    } catch (error) {
      if (error instanceof Refusal) return { refusal: error };
      throw error;
    }
  }

  private makeAnswers(): Answered[] {
    const answers: Answered[] = [];
    for (const [index, verdict] of this.verdicts.entries()) {
      const { present, once } = this.batch[index]!;
      if ('made' in verdict) answers.push({ answer: present(verdict.made()) });
      else if ('twinOf' in verdict) {
        once!.markReplayed();
        answers.push(answers[verdict.twinOf]!);
      } else answers.push(verdict);
    }
    return answers;
  }
}
