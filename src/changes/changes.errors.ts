// Refusals of requests that shall have one effect, in the order in which they are tried.
import { Refusal, type RefusalKind } from '../common/domain-error.js';

export class IdempotencyKeyReused extends Refusal {
  static readonly code: string = 'idempotency_key_reused';
  static readonly kind: RefusalKind = 'rejected';
  static readonly title: string = 'The Idempotency-Key stands for another request';

  constructor() {
    super('This key was sent before with another body or query: make a new key for a new request.');
  }
}

export class IdempotencyInProgress extends Refusal {
  static readonly code: string = 'idempotency_in_progress';
  static readonly kind: RefusalKind = 'conflict';
  static readonly title: string = 'The first request with this Idempotency-Key is still under way';
  override readonly retryAfterSeconds = 5;

  constructor() {
    super('Send the same request with the same key again later: it is then answered as the first one was.');
  }
}

export const CHANGE_REFUSALS = [IdempotencyKeyReused, IdempotencyInProgress] as const;
