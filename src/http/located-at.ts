// `@LocatedAt('/v1/accounts/{id}')`: where what a route makes can be fetched, said in the Location of a 201.
import { applyDecorators, SetMetadata } from '@nestjs/common';
import { ApiExtension } from '@nestjs/swagger';

export const LOCATED_AT = 'passbook:located-at';
/** How the decorator tells the OpenAPI document, which turns it into a description. */
export const LOCATED_AT_MARK = 'x-located-at';

export function LocatedAt(path: `/${string}/{id}`): MethodDecorator {
  return applyDecorators(SetMetadata(LOCATED_AT, path), ApiExtension(LOCATED_AT_MARK, path));
}
