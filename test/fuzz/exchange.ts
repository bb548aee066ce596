// A request as it goes out, what came back, and how a person sends it again.
import { brotliDecompressSync, gunzipSync, inflateSync } from 'node:zlib';
import { type TestApp } from '../support/test-app.js';
import { type Known } from './known.js';
import { Raw, type Sketch } from './sketches.js';

export interface Outgoing {
  readonly method: string;
  readonly path: string;
  /** Encoded. */
  readonly query: readonly (readonly [string, string])[];
  readonly headers: Readonly<Record<string, string>>;
  readonly payload?: string;
}

export interface Incoming {
  readonly status: number;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly text: string;
  /** Parsed; undefined when it is no JSON. */
  readonly body: unknown;
}

/** @param key undefined for nobody's */
export function outgoing(sketch: Sketch, known: Known, key: string | undefined): Outgoing {
  const inUrl = (value: unknown): string => (value instanceof Raw ? value.text : encoded(known.put(value) as string));
  const path = sketch.bend(sketch.operation.path.replaceAll(/\{\w+\}/g, () => inUrl(sketch.id)));
  const payload = sketch.payload ?? (sketch.body === undefined ? undefined : JSON.stringify(known.put(sketch.body)));
  return {
    method: sketch.method,
    path,
    query: sketch.query.map(([name, value]) => [encoded(name), inUrl(value)]),
    headers: {
      ...(key === undefined ? {} : { authorization: `Bearer ${key}` }),
      ...(payload === undefined ? {} : { 'content-type': sketch.mediaType ?? 'application/json' }),
      ...Object.fromEntries(sketch.headers),
    },
    ...(payload === undefined ? {} : { payload }),
  };
}

/** Half a pair is encoded, too: as the bytes that it would have. */
function encoded(text: string): string {
  return text.isWellFormed() ? encodeURIComponent(text) : `${encodeURIComponent(text.toWellFormed())}%ED%A0%80`;
}

export function urlOf({ path, query }: Outgoing): string {
  const pairs = query.map(([name, value]) => `${name}=${value}`);
  return pairs.length === 0 ? path : `${path}?${pairs.join('&')}`;
}

export async function send({ app }: TestApp, request: Outgoing): Promise<Incoming> {
  const answer = await app.inject({
    method: request.method as 'GET',
    url: urlOf(request),
    headers: request.headers,
    ...(request.payload === undefined ? {} : { payload: request.payload }),
  });
  const text = decoded(answer.rawPayload, answer.headers['content-encoding']).toString('utf8');
  return { status: answer.statusCode, headers: answer.headers, text, body: parsed(text) };
}

function decoded(payload: Buffer, encoding: unknown): Buffer {
  if (payload.length === 0) return payload;
  if (encoding === 'br') return brotliDecompressSync(payload);
  if (encoding === 'gzip') return gunzipSync(payload);
  if (encoding === 'deflate') return inflateSync(payload);
  return payload;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

const SHOWN_MAX = 2_000;

/** The request as one line for a shell; the key is left out, as it is new in each run. */
export function curlOf(request: Outgoing): string {
  const headers = Object.entries(request.headers).map(([name, value]) =>
    name === 'authorization' && value.startsWith('Bearer pbk_')
      ? `-H "authorization: Bearer $KEY"`
      : `-H ${quoted(`${name}: ${value}`)}`,
  );
  const body = request.payload === undefined ? [] : [`--data-binary ${quoted(request.payload)}`];
  return [
    'curl',
    '-X',
    request.method,
    ...headers,
    ...body,
    quoted(`$URL${urlOf(request)}`).replace("'$URL", `"$URL"'`),
  ].join(' ');
}

function quoted(text: string): string {
  const shown = text.length <= SHOWN_MAX ? text : `${text.slice(0, SHOWN_MAX)}…(${text.length} characters)`;
  return `'${shown.replaceAll("'", String.raw`'\''`)}'`;
}
