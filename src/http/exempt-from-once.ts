// `@ExemptFromOnce()`: a POST to which an Idempotency-Key means nothing, because it has no effect or knows its repetitions otherwise.
import { applyDecorators, SetMetadata } from '@nestjs/common';
import { ApiExtension } from '@nestjs/swagger';

export const EXEMPT_FROM_ONCE = 'passbook:exempt-from-once';
export const EXEMPT_FROM_ONCE_MARK = 'x-exempt-from-once';

export function ExemptFromOnce(): MethodDecorator {
  return applyDecorators(SetMetadata(EXEMPT_FROM_ONCE, true), ApiExtension(EXEMPT_FROM_ONCE_MARK, true));
}
