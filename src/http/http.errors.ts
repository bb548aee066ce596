// Refusals of the door to the world itself, in the order in which they are tried.
import { type Fault, Refusal, type RefusalKind } from '../common/domain-error.js';

/** No HTTP/1.1 at all, or not as it has to be. */
export class RequestUnreadable extends Refusal {
  static readonly code: string = 'request_unreadable';
  static readonly kind: RefusalKind = 'malformed';
  static readonly title: string = 'This cannot be read as an HTTP request';

  constructor(detail = 'What came in is not HTTP/1.1, or says two things about where its body ends.') {
    super(detail);
  }
}

export class HeadTooLarge extends Refusal {
  static readonly code: string = 'head_too_large';
  static readonly kind: RefusalKind = 'head_too_large';
  static readonly title: string = 'The path and the headers are larger than they may be';

  constructor() {
    super('Path and headers may have 16 KiB together.');
  }
}

export class RequestTooSlow extends Refusal {
  static readonly code: string = 'request_too_slow';
  static readonly kind: RefusalKind = 'too_slow';
  static readonly title: string = 'The request did not come in in time';

  constructor() {
    super('The connection was kept waiting for the rest of the request for too long.');
  }
}

export class RouteUnknown extends Refusal {
  static readonly code: string = 'route_unknown';
  static readonly kind: RefusalKind = 'not_found';
  static readonly title: string = 'There is no such route';
}

export class MethodNotAllowed extends Refusal {
  static readonly code: string = 'method_not_allowed';
  static readonly kind: RefusalKind = 'not_allowed';
  static readonly title: string = 'There is no such method on this route';

  constructor(allowed: string) {
    super(`Here are taken: ${allowed}.`);
  }
}

export class NotAcceptable extends Refusal {
  static readonly code: string = 'not_acceptable';
  static readonly kind: RefusalKind = 'not_acceptable';
  static readonly title: string = 'The answer would be JSON, which Accept rules out';

  constructor() {
    super('Send Accept: application/json, or leave it out.');
  }
}

/** The body is not what its Content-Type says, or has none that is known here. */
export class BodyUnreadable extends Refusal {
  static readonly code: string = 'body_unreadable';
  static readonly kind: RefusalKind = 'malformed';
  static readonly title: string = 'The body cannot be read as JSON';
}

export class MediaTypeUnsupported extends Refusal {
  static readonly code: string = 'media_type_unsupported';
  static readonly kind: RefusalKind = 'unsupported_media';
  static readonly title: string = 'Bodies are JSON here';
}

export class BodyTooLarge extends Refusal {
  static readonly code: string = 'body_too_large';
  static readonly kind: RefusalKind = 'too_large';
  static readonly title: string = 'The body is larger than it may be';
}

/** Fields are missing, unknown or of the wrong form. */
export class RequestInvalid extends Refusal {
  static readonly code: string = 'request_invalid';
  static readonly kind: RefusalKind = 'malformed';
  static readonly title: string = 'The request is not of the form that this route takes';

  constructor(faults: readonly Fault[]) {
    const [first] = faults;
    const more = faults.length > 1 ? ` (and ${faults.length - 1} more)` : '';
    const place = first === undefined || first.pointer === '' ? 'The request' : first.pointer;
    super(`${place}: ${first?.detail ?? 'is not of the form that this route takes'}${more}`, { faults });
  }
}

export class IdempotencyKeyInvalid extends Refusal {
  static readonly code: string = 'idempotency_key_invalid';
  static readonly kind: RefusalKind = 'malformed';
  static readonly title: string = 'The Idempotency-Key has the wrong form';

  constructor() {
    super('Send one Idempotency-Key of 1 to 255 printable ASCII characters without spaces.');
  }
}

/** An If-Match that is neither `*` nor a list of entity tags. */
export class IfMatchInvalid extends Refusal {
  static readonly code: string = 'if_match_invalid';
  static readonly kind: RefusalKind = 'malformed';
  static readonly title: string = 'If-Match has the wrong form';

  constructor() {
    super('Send in If-Match the ETag of what is to be changed, with its quotes, or *.');
  }
}

export class CursorInvalid extends Refusal {
  static readonly code: string = 'cursor_invalid';
  static readonly kind: RefusalKind = 'malformed';
  static readonly title: string = 'The cursor was not given out for this list and these filters';

  constructor() {
    super('Leave the cursor out to begin again, or repeat the request that gave it with the same filters.');
  }
}

/** What the caller saw has been changed since. */
export class VersionStale extends Refusal {
  static readonly code: string = 'version_stale';
  static readonly kind: RefusalKind = 'stale';
  static readonly title: string = 'It has been changed since it was read';

  constructor(version: number) {
    super(`Its version is now ${version}: read it again, and decide again.`);
  }
}

/** Anything that nobody expected. What went wrong is in the log, not in the answer. */
export class InternalFault extends Refusal {
  static readonly code: string = 'internal_fault';
  static readonly kind: RefusalKind = 'internal';
  static readonly title: string = 'Something went wrong here';

  constructor() {
    super('This is a fault of the service, not of the request.');
  }
}

/** Of what is no request yet. */
export const CONNECTION_REFUSALS = [RequestUnreadable, HeadTooLarge, RequestTooSlow] as const;
/** Of a body, while nothing of it is read. */
export const BODY_REFUSALS = [MediaTypeUnsupported, BodyTooLarge] as const;
