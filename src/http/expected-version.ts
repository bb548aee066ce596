// The version that an edit is meant for, as `If-Match` says it: who edits what somebody else has changed meanwhile is refused.
import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import { type FastifyRequest } from 'fastify';
import { readEntityTags } from './entity-tag.js';
import { IfMatchInvalid, VersionStale } from './http.errors.js';

export class ExpectedVersion {
  /** For callers that edit whatever is there. */
  static readonly ANY = new ExpectedVersion(undefined);

  private constructor(private readonly tags: readonly string[] | undefined) {}

  /** @throws IfMatchInvalid for what is neither `*` nor a list of entity tags */
  static of(header: string | undefined): ExpectedVersion {
    if (header === undefined || header.trim() === '*') return ExpectedVersion.ANY;
    const tags = readEntityTags(header);
    if (tags === undefined) throw new IfMatchInvalid();
    // A weak tag vouches for no single version (RFC 9110, 13.1.1): alone, it fits none.
    return new ExpectedVersion(tags.filter(({ isWeak }) => !isWeak).map(({ tag }) => tag));
  }

  /** Asked under the lock of what is edited. @throws VersionStale unless `version` is one that was named */
  refuseStale(version: number): void {
    if (this.tags !== undefined && !this.tags.includes(String(version))) throw new VersionStale(version);
  }
}

export const TAKES_IF_MATCH = 'passbook:takes-if-match';

/** The `ExpectedVersion` of a request; without `If-Match` any version will do. */
export const IfMatch = createParamDecorator(
  (_: unknown, context: ExecutionContext): ExpectedVersion =>
    ExpectedVersion.of(context.switchToHttp().getRequest<FastifyRequest>().headers['if-match']),
  [markRoute],
);

/** The route says so, too: its description is made from what it says. */
function markRoute(controller: object, name: string | symbol | undefined): void {
  const handler: unknown = Reflect.get(controller, name!);
  Reflect.defineMetadata(TAKES_IF_MATCH, true, handler as object);
}
