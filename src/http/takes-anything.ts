// `@TakesAnything()`: a route that is asked by machines nobody can teach, such as a probe, and looks away from what it does not know.
import { SetMetadata } from '@nestjs/common';

export const TAKES_ANYTHING = 'passbook:takes-anything';

export function TakesAnything(): MethodDecorator & ClassDecorator {
  return SetMetadata(TAKES_ANYTHING, true);
}
