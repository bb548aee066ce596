// What Nest does not know of an operation: the headers that go with it, and everything that may be refused on the way to it.
import { STATUS_CODES } from 'node:http';
import { getSchemaPath, type OpenAPIObject } from '@nestjs/swagger';
import { type RefusalClass } from '../common/domain-error.js';
import { type HeaderName, HEADERS_OF_ALL, type ParameterName } from './openapi-headers.js';
import { Problem } from './problem.dto.js';
import { STATUS_OF } from './problem.js';
import { type RouteFacts } from './route-facts.js';
import { type DescribedRoute, isDoneOnce, refusalsOf, type Stage } from './stage.js';

type Operation = NonNullable<OpenAPIObject['paths'][string]['get']>;
type Response = Exclude<Operation['responses'][string], { $ref: string } | undefined>;
type Schemas = NonNullable<NonNullable<OpenAPIObject['components']>['schemas']>;

/** Codes of everything that the operation may refuse, in the order in which it is tried. */
export const REFUSALS_MARK = 'x-refusals';

const NOT_MODIFIED = 304;
const CREATED = 201;
const UNAUTHENTICATED = 401;
const CONFLICT = 409;
const LIMITED = 429;
const UNAVAILABLE = 503;

export function describeOperations(
  document: OpenAPIObject,
  factsOf: (operationId: string) => RouteFacts,
  stages: readonly Stage[],
): void {
  for (const [path, item] of Object.entries(document.paths)) {
    for (const [method, operation] of Object.entries(item) as [string, Operation][]) {
      const facts = factsOf(operation.operationId!);
      // Said also where it is nothing: left out, it would be whatever the document says for all.
      operation.security ??= [];
      const isGuarded = operation.security.length > 0;
      const route = { method: method.toUpperCase(), path, isGuarded, isSigned: facts.isSigned, facts };
      describeSuccess(operation, route, document.components?.schemas ?? {});
      describeRefusals(operation, refusalsOf(route, stages));
      for (const response of Object.values(operation.responses) as Response[]) addHeaders(response, HEADERS_OF_ALL);
      if (facts.deprecation !== undefined) describeDeprecation(operation, facts.deprecation);
    }
  }
}

function describeSuccess(operation: Operation, route: DescribedRoute, schemas: Schemas): void {
  const { method, facts } = route;
  if (facts.takesIfMatch) addParameter(operation, 'If-Match');
  if (isDoneOnce(route)) addParameter(operation, 'Idempotency-Key');
  for (const [code, response] of Object.entries(operation.responses) as [string, Response][]) {
    const status = Number(code);
    response.description ||= STATUS_CODES[status] ?? '';
    if (status >= 300) continue;
    const fields = fieldsOf(response, schemas);
    if (isDoneOnce(route)) addHeaders(response, ['Idempotency-Replayed']);
    if (status === CREATED && facts.location !== undefined) addHeaders(response, ['Location']);
    if (fields.has('nextCursor')) addHeaders(response, ['Link']);
    if (!fields.has('version')) continue;
    addHeaders(response, ['ETag']);
    if (method === 'GET') describeNotModified(operation);
  }
}

/** The names that the answer has at its top. */
function fieldsOf({ content }: Response, schemas: Schemas): ReadonlySet<string> {
  const schema = content?.['application/json']?.schema;
  const named = schema !== undefined && '$ref' in schema ? schemas[schema.$ref.split('/').at(-1)!] : schema;
  return new Set(named !== undefined && 'properties' in named ? Object.keys(named.properties ?? {}) : []);
}

function describeNotModified(operation: Operation): void {
  addParameter(operation, 'If-None-Match');
  const response: Response = { description: 'The client has the latest version.' };
  addHeaders(response, ['ETag']);
  operation.responses[NOT_MODIFIED] = response;
}

function describeRefusals(operation: Operation, refusals: readonly RefusalClass[]): void {
  Object.assign(operation, { [REFUSALS_MARK]: refusals.map(({ code }) => code) });
  for (const status of new Set(refusals.map(({ kind }) => STATUS_OF[kind]))) {
    const said = refusals.filter(({ kind }) => STATUS_OF[kind] === status);
    const response: Response = {
      description: said.map(({ code, title }) => `\`${code}\`: ${title}.`).join(' '),
      content: { 'application/problem+json': { schema: { $ref: getSchemaPath(Problem) } } },
    };
    addHeaders(response, HEADERS_OF_STATUS[status] ?? []);
    operation.responses[status] = response;
  }
}

const HEADERS_OF_STATUS: Readonly<Record<number, readonly HeaderName[]>> = {
  [UNAUTHENTICATED]: ['WWW-Authenticate'],
  [CONFLICT]: ['Retry-After'],
  [LIMITED]: ['Retry-After', 'RateLimit-Limit', 'RateLimit-Remaining', 'RateLimit-Reset'],
  [UNAVAILABLE]: ['Retry-After'],
};

function describeDeprecation(operation: Operation, { sunset, link }: NonNullable<RouteFacts['deprecation']>): void {
  operation.deprecated = true;
  for (const response of Object.values(operation.responses) as Response[])
    addHeaders(response, [
      'Deprecation',
      ...(sunset === undefined ? [] : (['Sunset'] as const)),
      ...(link === undefined ? [] : (['Link'] as const)),
    ]);
}

function addHeaders(response: Response, names: readonly HeaderName[]): void {
  const headers = (response.headers ??= {});
  for (const name of names) headers[name] = { $ref: `#/components/headers/${name}` };
}

function addParameter(operation: Operation, name: ParameterName): void {
  (operation.parameters ??= []).push({ $ref: `#/components/parameters/${name}` });
}
