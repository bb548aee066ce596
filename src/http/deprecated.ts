// `@Deprecated({ since: '2026-11-21', link: … })`: a route that will go, said to its callers by RFC 9745 and RFC 8594.
import { SetMetadata } from '@nestjs/common';

export const DEPRECATION = 'passbook:deprecation';

interface Deprecation {
  /** The day from which it is not to be used for anything new. */
  readonly since: string;
  /** The day from which it may be gone. */
  readonly sunset?: string;
  /** Where it says what to use instead. */
  readonly link?: string;
}

export interface DeprecationHeaders {
  readonly deprecation: string;
  readonly sunset?: string;
  readonly link?: string;
}

const MS_PER_SECOND = 1_000;

export function Deprecated({ since, sunset, link }: Deprecation): MethodDecorator {
  const headers: DeprecationHeaders = {
    deprecation: `@${Date.parse(since) / MS_PER_SECOND}`,
    ...(sunset === undefined ? {} : { sunset: new Date(sunset).toUTCString() }),
    ...(link === undefined ? {} : { link: `<${link}>; rel="deprecation"` }),
  };
  return SetMetadata(DEPRECATION, headers);
}
