// Why a webhook is not taken, in the order in which it is tried.
import { Refusal, type RefusalKind } from '../../common/domain-error.js';

/** Not signed, or not with a secret that is known here. Nothing of the body was read. */
export class WebhookSignatureInvalid extends Refusal {
  static readonly code: string = 'webhook_signature_invalid';
  static readonly kind: RefusalKind = 'unauthenticated';
  static readonly title: string = 'The webhook is not signed as it must be';

  constructor() {
    super('The signature is missing, cannot be read, or is of none of the secrets that are known here.');
  }
}

/** Signed, but longer ago than is believed, or by a clock that is ahead. */
export class WebhookStale extends Refusal {
  static readonly code: string = 'webhook_stale';
  static readonly kind: RefusalKind = 'unauthenticated';
  static readonly title: string = 'The webhook was not signed just now';

  constructor(secondsMax: number) {
    super(`A signature is believed for ${secondsMax} seconds.`);
  }
}

/** The same signed message came before, and was taken. */
export class WebhookReplayed extends Refusal {
  static readonly code: string = 'webhook_replayed';
  static readonly kind: RefusalKind = 'conflict';
  static readonly title: string = 'The webhook was taken already';

  constructor() {
    super('This very message came before, and what it made due is due.');
  }
}

/** The store did not take it in the time that its sender waits. Sent again, it has one effect. */
export class WebhookNotTaken extends Refusal {
  static readonly code: string = 'webhook_not_taken';
  static readonly kind: RefusalKind = 'unavailable';
  static readonly title: string = 'The webhook could not be taken just now';
  override readonly retryAfterSeconds = 5;

  constructor(options: { cause?: unknown } = {}) {
    super('The store did not answer in time: send it again.', options);
  }
}

export const WEBHOOK_REFUSALS = [WebhookSignatureInvalid, WebhookStale, WebhookReplayed, WebhookNotTaken] as const;
