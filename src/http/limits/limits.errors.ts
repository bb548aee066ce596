// Refusals of requests that come too often, or to a service that has enough to do. Nothing of the request was done.
import { Refusal, type RefusalKind } from '../../common/domain-error.js';

export class RateLimited extends Refusal {
  static readonly code: string = 'rate_limited';
  static readonly kind: RefusalKind = 'limited';
  static readonly title: string = 'Too many requests in this minute';

  constructor(override readonly retryAfterSeconds: number) {
    super(`The limit of this minute is used up; it begins anew in ${retryAfterSeconds} s.`);
  }
}

/** As many requests are being worked on as may be at a time. */
export class Overloaded extends Refusal {
  static readonly code: string = 'overloaded';
  static readonly kind: RefusalKind = 'unavailable';
  static readonly title: string = 'The service has more to do than it can; nothing was begun';
  override readonly retryAfterSeconds = 1;

  constructor() {
    super('More requests are being worked on than may be at a time. Try again later.');
  }
}

export const LIMIT_REFUSALS = [RateLimited, Overloaded] as const;
