// Every answer that a test gets is held against openapi.json: what the document does not describe is a fault, of the one or the other.
import { type AnySchemaObject, type ValidateFunction } from 'ajv';
import { Ajv2020 } from 'ajv/dist/2020.js';
import formats from 'ajv-formats';
import { DOCUMENT, type Operation, operationOf, type Response, type Schema } from './document.js';

export interface Asked {
  readonly method: string;
  readonly url: string;
}

export interface Answered {
  readonly status: number;
  readonly headers: Readonly<Record<string, unknown>>;
  /** The body, decoded. */
  readonly text: string;
}

/** The document and the page over it do not describe themselves; metrics are Prometheus' to describe. */
const UNDESCRIBED = /^\/(?:docs(?:\/|$)|openapi\.json$|metrics$)/;

/** What belongs to the connection or to every browser's safety, and says nothing of the operation. */
const PLUMBING = new Set([
  'connection',
  'content-encoding',
  'content-length',
  'content-type',
  'date',
  'keep-alive',
  'transfer-encoding',
  'vary',
  // Helmet's.
  'content-security-policy',
  'cross-origin-embedder-policy',
  'cross-origin-opener-policy',
  'cross-origin-resource-policy',
  'origin-agent-cluster',
  'referrer-policy',
  'strict-transport-security',
  'x-content-type-options',
  'x-dns-prefetch-control',
  'x-download-options',
  'x-frame-options',
  'x-permitted-cross-domain-policies',
  'x-xss-protection',
]);
const PLUMBING_OF_CORS = 'access-control-';

/** What refusals may bear where there is no operation: an unknown path, another method, a path that cannot be read. */
const OUTSIDE = new Set([
  'allow',
  'cache-control',
  'ratelimit-limit',
  'ratelimit-remaining',
  'ratelimit-reset',
  'retry-after',
  'www-authenticate',
  'x-request-id',
]);

const PROBLEM = 'application/problem+json';
const PROBLEM_SCHEMA: Schema = { $ref: '#/components/schemas/Problem' };

/** @throws Error that names everything about the answer that the document does not say */
export function holdToContract(asked: Asked, answer: Answered): void {
  const breaches = breachesOf(asked, answer);
  if (breaches.length === 0) return;
  throw new Error(
    `${asked.method} ${asked.url.slice(0, 200)} was answered as openapi.json (npm run generate) does not describe it:\n` +
      `${breaches.map((breach) => `  ${breach}\n`).join('')}  the answer: ${answer.status} ${answer.text.slice(0, 500)}`,
  );
}

export function breachesOf(asked: Asked, answer: Answered): string[] {
  const path = asked.url.split('?', 1)[0]!;
  if (UNDESCRIBED.test(path)) return [];
  const operation = operationOf(asked.method, asked.url);
  return operation === undefined ? breachesOutside(asked, answer) : breachesIn(operation, asked, answer);
}

function breachesIn(operation: Operation, asked: Asked, answer: Answered): string[] {
  const response = operation.responses[answer.status];
  if (response === undefined) return [`the status ${answer.status} is not described for ${operation.id}`];
  return [...headerBreaches(response, answer), ...bodyBreaches(response, answer, asked.method === 'HEAD')];
}

function breachesOutside({ method }: Asked, answer: Answered): string[] {
  const breaches = namesOf(answer)
    .filter((name) => !OUTSIDE.has(name))
    .map((name) => `the header ${name} is not known outside of operations`);
  if (method === 'OPTIONS' && answer.status === 204) return breaches;
  if (answer.status < 400) return [...breaches, `there is no such operation, and it was answered ${answer.status}`];
  if (method === 'HEAD') return breaches;
  const media = mediaOf(answer);
  if (media !== PROBLEM) return [...breaches, `a refusal is no ${PROBLEM} but ${media}`];
  return [...breaches, ...schemaBreaches(PROBLEM_SCHEMA, answer.text)];
}

function headerBreaches(response: Response, answer: Answered): string[] {
  const described = new Map(Object.entries(response.headers ?? {}).map(([name, one]) => [name.toLowerCase(), one]));
  const there = namesOf(answer);
  const missing = [...described]
    .filter(([name, { required }]) => required === true && !there.includes(name))
    .map(([name]) => `the header ${name} is missing`);
  const wrong = there.flatMap((name) => {
    const one = described.get(name);
    if (one === undefined) return [`the header ${name} is not described`];
    if (one.schema === undefined) return [];
    const value = valueOf(one.schema, answer.headers[name]);
    const faults = faultsOf(one.schema, value);
    return faults === undefined ? [] : [`the header ${name}: ${JSON.stringify(value)} ${faults}`];
  });
  return [...missing, ...wrong];
}

/** A header is text; the schema says when it is the text of a number. */
function valueOf({ type }: Schema, header: unknown): unknown {
  const text = Array.isArray(header) ? header.join(', ') : String(header);
  return (type === 'integer' || type === 'number') && text.trim() !== '' ? Number(text) : text;
}

/** The names of the answer's headers, without plumbing. */
function namesOf({ headers }: Answered): string[] {
  return Object.keys(headers).filter(
    (name) => headers[name] !== undefined && !PLUMBING.has(name) && !name.startsWith(PLUMBING_OF_CORS),
  );
}

function bodyBreaches({ content }: Response, answer: Answered, isHead: boolean): string[] {
  if (content === undefined) return answer.text === '' ? [] : ['a body is not described'];
  const media = mediaOf(answer);
  const schema = content[media]?.schema;
  if (schema === undefined) return [`the media type ${media === '' ? 'nothing' : media} is not described`];
  // Node sends no body after HEAD, whatever it is given; without a connection it is still there.
  if (isHead) return [];
  return isJson(media) ? schemaBreaches(schema, answer.text) : valueBreaches(schema, answer.text);
}

function isJson(media: string): boolean {
  return /[/+]json$/.test(media);
}

function mediaOf({ headers }: Answered): string {
  return String(headers['content-type'] ?? '')
    .split(';', 1)[0]!
    .trim()
    .toLowerCase();
}

function schemaBreaches(schema: Schema, text: string): string[] {
  let body: unknown;
  try {
    body = JSON.parse(text);
  } catch {
    return ['the body is no JSON'];
  }
  return valueBreaches(schema, body);
}

function valueBreaches(schema: Schema, body: unknown): string[] {
  const faults = faultsOf(schema, body);
  return faults === undefined ? [] : [`the body: ${faults}`];
}

function faultsOf(schema: Schema, value: unknown): string | undefined {
  const validate = validatorOf(schema);
  if (validate(value)) return undefined;
  return (validate.errors ?? [])
    .map(({ instancePath, message, params }) => `${instancePath} ${message} ${JSON.stringify(params)}`)
    .join('; ');
}

let ajv: Ajv2020 | undefined;
const validators = new WeakMap<Schema, ValidateFunction>();

/** Compiled once a worker, when it is first asked for. */
function validatorOf(schema: Schema): ValidateFunction {
  const known = validators.get(schema);
  if (known !== undefined) return known;
  ajv ??= makeAjv();
  const validate = ajv.compile(closed(schema) as AnySchemaObject);
  validators.set(schema, validate);
  return validate;
}

const ID = 'urn:passbook:openapi';

function makeAjv(): Ajv2020 {
  // The document holds more than schemas, and `example` beside them.
  const made = new Ajv2020({ strict: false, allErrors: true });
  formats.default(made);
  made.addSchema(closed(DOCUMENT) as AnySchemaObject, ID);
  return made;
}

/** The same with every object closed: a field that is not described is a fault, though readers of the API have to live with it. */
function closed(node: unknown): unknown {
  if (Array.isArray(node)) return node.map(closed);
  if (typeof node !== 'object' || node === null) return node;
  const inside = Object.fromEntries(Object.entries(node).map(([name, value]) => [name, closed(value)]));
  const { type, $ref } = node as Schema;
  if (typeof $ref === 'string') return { ...inside, $ref: $ref.replace(/^#/, `${ID}#`) };
  const isObject = type === 'object' || (Array.isArray(type) && type.includes('object'));
  return isObject && !('additionalProperties' in inside) ? { ...inside, additionalProperties: false } : inside;
}
