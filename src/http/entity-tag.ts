// Entity tags (RFC 9110, 8.8.3), made from the version of what is answered.

interface EntityTag {
  readonly tag: string;
  readonly isWeak: boolean;
}

const TAG = /(W\/)?"([\x21\x23-\x7e\x80-\xff]*)"/y;
const BETWEEN = /[ \t]*(?:,[ \t]*)*/y;

export function entityTagOf(version: number): string {
  return `"${version}"`;
}

/** The tags of `If-Match` or `If-None-Match`; undefined for what is no list of them. */
export function readEntityTags(header: string): readonly EntityTag[] | undefined {
  const tags: EntityTag[] = [];
  let at = skip(header, 0);
  while (at < header.length) {
    TAG.lastIndex = at;
    const found = TAG.exec(header);
    if (found === null) return undefined;
    tags.push({ tag: found[2]!, isWeak: found[1] !== undefined });
    at = skip(header, TAG.lastIndex);
    if (at < header.length && !header.slice(TAG.lastIndex, at).includes(',')) return undefined;
  }
  return tags.length === 0 ? undefined : tags;
}

/** Where the next tag begins: lists may have commas too many. */
function skip(header: string, at: number): number {
  BETWEEN.lastIndex = at;
  BETWEEN.exec(header);
  return BETWEEN.lastIndex;
}
