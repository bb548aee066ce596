// openapi.json as tests read it: the operations that it describes, and which of them a request is.
import { readFileSync } from 'node:fs';

/** JSON Schema 2020-12, as far as the document uses it. */
export interface Schema {
  readonly $ref?: string;
  readonly type?: string | readonly string[];
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly pattern?: string;
  readonly format?: string;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly example?: unknown;
  readonly examples?: readonly unknown[];
  readonly default?: unknown;
  readonly items?: Schema;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: boolean | Schema;
  readonly allOf?: readonly Schema[];
  readonly anyOf?: readonly Schema[];
  readonly oneOf?: readonly Schema[];
}

export interface Parameter {
  readonly name: string;
  readonly in: 'path' | 'query' | 'header';
  readonly required?: boolean;
  readonly schema: Schema;
}

interface Content {
  readonly [media: string]: { readonly schema?: Schema };
}

export interface Response {
  readonly headers?: Readonly<Record<string, { readonly required?: boolean; readonly schema?: Schema }>>;
  readonly content?: Content;
}

export interface Operation {
  readonly id: string;
  readonly method: string;
  /** With `{id}` where one stands. */
  readonly path: string;
  readonly parameters: readonly Parameter[];
  /** Of its JSON body, where it takes one. */
  readonly body: Schema | undefined;
  /** Whether it asks for a key. */
  readonly isGuarded: boolean;
  /** By status. */
  readonly responses: Readonly<Record<string, Response>>;
}

interface RawOperation {
  readonly operationId: string;
  readonly parameters?: readonly Parameter[];
  readonly requestBody?: { readonly content: Content };
  readonly security?: readonly object[];
  readonly responses: Readonly<Record<string, Response>>;
}

interface RawDocument {
  readonly paths: Readonly<Record<string, Readonly<Record<string, RawOperation>>>>;
  readonly components: { readonly schemas: Readonly<Record<string, Schema>> };
}

/** The committed document: the check of generated files says when it is behind the code. */
export const DOCUMENT = JSON.parse(readFileSync(new URL('../../openapi.json', import.meta.url), 'utf8')) as RawDocument;

/** What stands there, also where the document only points to it. */
export function resolved<Part>(part: Part | { readonly $ref: string }): Part {
  if (typeof part !== 'object' || part === null || !('$ref' in part) || typeof part.$ref !== 'string') {
    return part as Part;
  }
  const steps = part.$ref.replace(/^#\//, '').split('/').map(unescaped);
  let there: unknown = DOCUMENT;
  for (const step of steps) there = (there as Record<string, unknown> | undefined)?.[step];
  if (there === undefined) throw new Error(`The document points to ${part.$ref}, where nothing is.`);
  return resolved(there as Part);
}

function unescaped(step: string): string {
  return step.replaceAll('~1', '/').replaceAll('~0', '~');
}

function mapped<From, To>(parts: Readonly<Record<string, From>>, to: (part: From) => To): Record<string, To> {
  return Object.fromEntries(Object.entries(parts).map(([name, part]) => [name, to(part)]));
}

export const OPERATIONS: readonly Operation[] = Object.entries(DOCUMENT.paths).flatMap(([path, operations]) =>
  Object.entries(operations).map(([method, raw]) => ({
    id: raw.operationId,
    method: method.toUpperCase(),
    path,
    parameters: (raw.parameters ?? []).map((parameter) => resolved(parameter)),
    body: resolved(raw.requestBody)?.content['application/json']?.schema,
    isGuarded: (raw.security ?? []).length > 0,
    responses: mapped(raw.responses, (response) => {
      const { headers, ...rest } = resolved(response);
      return { ...rest, ...(headers === undefined ? {} : { headers: mapped(headers, (one) => resolved(one)) }) };
    }),
  })),
);

interface Pattern {
  readonly operation: Operation;
  readonly form: RegExp;
}

/** Paths without a parameter first: `/v1/transactions/totals` is no id. */
const PATTERNS: readonly Pattern[] = OPERATIONS.map((operation) => ({
  operation,
  form: new RegExp(`^${operation.path.replaceAll('.', '\\.').replaceAll(/\{\w+\}/g, '[^/]+')}$`),
})).sort((a, b) => Number(a.operation.path.includes('{')) - Number(b.operation.path.includes('{')));

/** The operation that this request is; HEAD is its GET without a body. */
export function operationOf(method: string, url: string): Operation | undefined {
  const path = pathOf(url);
  const verb = method === 'HEAD' ? 'GET' : method;
  return PATTERNS.find(({ operation, form }) => operation.method === verb && form.test(path))?.operation;
}

/** As the router reads it: without the query and a slash at the end, and with what was encoded needlessly in plain. */
function pathOf(url: string): string {
  const path = url.split(/[?#]/, 1)[0]!;
  const cut = path.length > 1 && path.endsWith('/') ? path.slice(0, -1) : path;
  try {
    return decodeURI(cut);
  } catch {
    return cut;
  }
}
