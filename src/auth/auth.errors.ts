// Refusals about who may, in the order in which they are tried.
import { Refusal, type RefusalKind } from '../common/domain-error.js';

export class KeyMissing extends Refusal {
  static readonly code: string = 'key_missing';
  static readonly kind: RefusalKind = 'unauthenticated';
  static readonly title: string = 'The request names no API key';

  constructor() {
    super('Send "Authorization: Bearer pbk_…" or "X-API-Key: pbk_…".');
  }
}

export class KeyAmbiguous extends Refusal {
  static readonly code: string = 'key_ambiguous';
  static readonly kind: RefusalKind = 'unauthenticated';
  static readonly title: string = 'The request names more than one API key';

  constructor() {
    super('Send one key, once: as Authorization or as X-API-Key.');
  }
}

/** Unknown, expired and revoked keys are not told apart. */
export class KeyUnknown extends Refusal {
  static readonly code: string = 'key_unknown';
  static readonly kind: RefusalKind = 'unauthenticated';
  static readonly title: string = 'The API key is not valid';

  constructor() {
    super('The key is unknown, expired or revoked.');
  }
}

export class ScopeInsufficient extends Refusal {
  static readonly code: string = 'scope_insufficient';
  static readonly kind: RefusalKind = 'forbidden';
  static readonly title: string = 'The API key may not do this';
}

/** A key that is bound to one owner asked for another's. */
export class OwnerForbidden extends Refusal {
  static readonly code: string = 'owner_forbidden';
  static readonly kind: RefusalKind = 'forbidden';
  static readonly title: string = 'The API key is bound to another owner';

  constructor() {
    super('This key reaches its own owner only; leave the owner out.');
  }
}

export class ApiKeyNotFound extends Refusal {
  static readonly code: string = 'api_key_not_found';
  static readonly kind: RefusalKind = 'not_found';
  static readonly title: string = 'There is no such API key';

  constructor(id: string) {
    super(`There is no API key ${id}.`);
  }
}

/** Before a route is asked. */
export const KEY_REFUSALS = [KeyMissing, KeyAmbiguous, KeyUnknown, ScopeInsufficient] as const;

/** Of routes. */
export const AUTH_REFUSALS = [OwnerForbidden, ApiKeyNotFound] as const;
