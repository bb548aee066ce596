// The headers that requests and answers may bear, as the OpenAPI document describes them: once each, and pointed to from where they come.
import { type OpenAPIObject } from '@nestjs/swagger';

type Components = NonNullable<OpenAPIObject['components']>;

const text = { type: 'string' } as const;
const count = { type: 'integer', minimum: 0 } as const;

/** On every answer. */
const ALWAYS: Components['headers'] = {
  'X-Request-Id': {
    description: "The client's own, where it sent one of this form; else made here. The log knows the request by it.",
    required: true,
    schema: { ...text, pattern: '^[A-Za-z0-9._:/+=@-]{1,128}$' },
  },
  'Cache-Control': {
    description: 'Nothing here may be kept by caches.',
    required: true,
    schema: { ...text, enum: ['no-store'] },
  },
};

/** On some. */
export const HEADERS = {
  ...ALWAYS,
  ETag: {
    description:
      'The version of what is answered: for If-Match when it is edited, for If-None-Match when it is read again.',
    required: true,
    schema: { ...text, pattern: '^"[0-9]+"$' },
  },
  Link: {
    description: 'The next page, as `<…>; rel="next"`, where there is one.',
    schema: text,
  },
  Location: {
    description: 'Where what was made can be fetched.',
    required: true,
    schema: { ...text, format: 'uri-reference' },
  },
  'Idempotency-Replayed': {
    description: 'This is the answer to an earlier request with the same Idempotency-Key: nothing was done again.',
    schema: { ...text, enum: ['true'] },
  },
  'Retry-After': {
    description:
      'In how many seconds to try again. Left out where the request may have been done, and a repetition would do it twice.',
    schema: count,
  },
  'WWW-Authenticate': {
    description: 'How a key is presented.',
    required: true,
    schema: { ...text, enum: ['Bearer realm="passbook"'] },
  },
  'RateLimit-Limit': { description: 'How many requests a minute may be.', schema: count },
  'RateLimit-Remaining': { description: 'How many are left of them.', schema: count },
  'RateLimit-Reset': { description: 'In how many seconds the count begins anew.', schema: count },
  Deprecation: {
    description: 'Since when it should not be used for anything new, as `@` and the seconds since 1970 (RFC 9745).',
    schema: { ...text, pattern: '^@-?[0-9]+$' },
  },
  Sunset: { description: 'From when on it may be gone (RFC 8594).', schema: text },
} as const satisfies Components['headers'];

export type HeaderName = keyof typeof HEADERS;
export const HEADERS_OF_ALL = Object.keys(ALWAYS) as HeaderName[];

export const PARAMETERS = {
  'Idempotency-Key': {
    name: 'Idempotency-Key',
    in: 'header',
    required: false,
    description:
      'Makes the request safe to repeat: however often it is sent with the same key and the same body, it has one effect, and the first answer is given again.',
    schema: { ...text, minLength: 1, maxLength: 255, pattern: '^[\\x21-\\x7E]{1,255}$' },
  },
  'If-Match': {
    name: 'If-Match',
    in: 'header',
    required: false,
    description:
      'The ETag of what is to be changed: if somebody else has changed it since, it is not. `*`, or left out: whatever it is now.',
    schema: text,
  },
  'If-None-Match': {
    name: 'If-None-Match',
    in: 'header',
    required: false,
    description: 'The ETag of what the client has: if that is still the latest, it is not sent again.',
    schema: text,
  },
} as const satisfies Components['parameters'];

export type ParameterName = keyof typeof PARAMETERS;
