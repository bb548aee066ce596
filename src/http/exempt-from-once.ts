// `@ExemptFromOnce()`: a POST to which an Idempotency-Key means nothing, because it has no effect or knows its repetitions otherwise.
import { SetMetadata } from '@nestjs/common';

export const EXEMPT_FROM_ONCE = 'passbook:exempt-from-once';

export function ExemptFromOnce(): MethodDecorator {
  return SetMetadata(EXEMPT_FROM_ONCE, true);
}
