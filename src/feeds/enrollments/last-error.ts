// What went wrong the last time, as enrollments and positions keep it.
import { type Refusal } from '../../common/domain-error.js';
import { type LastErrorView } from './enrollments.dto.js';

export interface LastError {
  readonly lastErrorCode: string | null;
  readonly lastErrorDetail: string | null;
}

/** Undefined: nothing did. */
export function lastErrorOf(refusal: Pick<Refusal, 'code' | 'message'> | undefined): LastError {
  return {
    lastErrorCode: refusal?.code ?? null,
    lastErrorDetail: refusal === undefined ? null : storable(refusal.message),
  };
}

export function lastErrorView({ lastErrorCode, lastErrorDetail }: LastError): LastErrorView | null {
  return lastErrorCode === null ? null : { code: lastErrorCode, detail: lastErrorDetail ?? '' };
}

/** A feed's words with what a store can't hold taken out: they are kept for people, and no reason to fail once more. */
export function storable(words: string): string {
  return words.toWellFormed().replaceAll('\u0000', '');
}
