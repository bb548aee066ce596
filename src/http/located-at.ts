// `@LocatedAt('/v1/accounts/{id}')`: where what a route makes can be fetched, said in the Location of a 201.
import { SetMetadata } from '@nestjs/common';

export const LOCATED_AT = 'passbook:located-at';

export function LocatedAt(path: `/${string}/{id}`): MethodDecorator {
  return SetMetadata(LOCATED_AT, path);
}
