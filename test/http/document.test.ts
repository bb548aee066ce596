// The OpenAPI document: what it says of every operation beside what Nest knows of it.
import { type OpenAPIObject } from '@nestjs/swagger';
import { beforeAll, describe, expect, it } from 'vitest';
import { describeOperations } from '../../src/http/openapi-operations.js';
import { type RouteFacts } from '../../src/http/route-facts.js';
import { STAGES } from '../../src/refusals.js';
import { makeStore } from '../support/each-store.js';
import { TestApp } from '../support/test-app.js';

interface Response {
  readonly headers: Readonly<Record<string, object>>;
  readonly content?: Readonly<Record<string, unknown>>;
}

interface Operation {
  readonly operationId: string;
  readonly parameters?: readonly { $ref?: string }[];
  readonly security: readonly object[];
  readonly deprecated?: boolean;
  readonly requestBody?: object;
  readonly responses: Readonly<Record<string, Response>>;
}

const namesOf = (headers: object): string[] => Object.keys(headers).sort();
const parametersOf = ({ parameters }: Operation): string[] =>
  (parameters ?? []).flatMap(({ $ref }) => ($ref === undefined ? [] : [$ref.split('/').at(-1)!]));

describe('the document of the service', () => {
  let document: OpenAPIObject;
  let operations: { method: string; path: string; operation: Operation }[];
  beforeAll(async () => {
    const store = await makeStore('sqlite');
    const app = await TestApp.start(store);
    document = (await app.get('/openapi.json')).body;
    await app.stop();
    await store.dispose();
    operations = Object.entries(document.paths).flatMap(([path, item]) =>
      Object.entries(item as unknown as Record<string, Operation>).map(([method, operation]) => ({
        method,
        path,
        operation,
      })),
    );
  });

  const guarded = () => operations.filter(({ operation }) => operation.security.length > 0);

  it('gives each operation a name of its own', () => {
    const names = operations.map(({ operation }) => operation.operationId);
    expect(names.length).toBeGreaterThan(25);
    expect(new Set(names).size).toBe(names.length);
  });

  it('points to nothing that is not there', () => {
    const pointers = new Set(
      [...JSON.stringify(document).matchAll(/"\$ref":"([^"]+)"/g)].map(([, pointer]) => pointer!),
    );
    expect(pointers.size).toBeGreaterThan(20);
    for (const pointer of pointers) {
      let there: unknown = document;
      for (const step of pointer.replace('#/', '').split('/')) there = (there as Record<string, unknown>)[step];
      expect({ pointer, there: typeof there }).toEqual({ pointer, there: 'object' });
    }
  });

  it('says of every answer which headers it has', () => {
    for (const { operation } of operations) {
      for (const [status, { headers }] of Object.entries(operation.responses)) {
        const about = { id: operation.operationId, status };
        expect({ ...about, headers: namesOf(headers) }).toMatchObject({
          ...about,
          headers: expect.arrayContaining(['Cache-Control', 'X-Request-Id']),
        });
        if (status === '401') expect(headers).toHaveProperty('WWW-Authenticate');
        if (status === '429') expect(headers).toHaveProperty('RateLimit-Reset');
        if (status === '429' || (status === '503' && operation.security.length > 0))
          expect(headers).toHaveProperty('Retry-After');
      }
    }
  });

  it('says of every refusal that it is a problem', () => {
    for (const { operation } of guarded()) {
      for (const [status, { content }] of Object.entries(operation.responses))
        if (Number(status) >= 400) expect(Object.keys(content ?? {})).toEqual(['application/problem+json']);
    }
  });

  it('says of every guarded operation what the edge itself refuses', () => {
    for (const { method, operation } of guarded()) {
      const edge = ['400', '401', '403', '406', '408', '429', '431', '500', '503'];
      const ofBodies = method === 'get' ? [] : ['413', '415'];
      const ofRepetitions = method === 'post' ? ['409', '422'] : [];
      const statuses = Object.keys(operation.responses);
      expect({ id: operation.operationId, statuses }).toEqual({
        id: operation.operationId,
        statuses: expect.arrayContaining([...edge, ...ofBodies, ...ofRepetitions]),
      });
    }
  });

  it('takes an Idempotency-Key with every POST, and an If-Match with every edit', () => {
    for (const { method, operation } of operations) {
      const parameters = parametersOf(operation);
      const id = operation.operationId;
      // A webhook is known again by its signature.
      const isDoneOnce = method === 'post' && id !== 'TellerWebhooks_receive';
      expect({ id, takes: parameters.includes('Idempotency-Key') }).toEqual({ id, takes: isDoneOnce });
      const isEdit = method === 'patch' || ['Accounts_close', 'Transactions_delete'].includes(id);
      expect({ id, takes: parameters.includes('If-Match') }).toEqual({ id, takes: isEdit });
      expect({ id, stale: '412' in operation.responses }).toEqual({ id, stale: isEdit });
      expect(
        'Idempotency-Replayed' in (operation.responses['201'] ?? operation.responses['200'] ?? { headers: {} }).headers,
      ).toBe(isDoneOnce);
    }
  });

  it('says where what is made can be fetched, and only where it can', () => {
    const deeds = ['/v1/transfers/{id}/reverse', '/v1/holds/{id}/capture', '/v1/holds/{id}/release'];
    const paths = new Set(operations.filter(({ method }) => method === 'get').map(({ path }) => path));
    for (const { method, path, operation } of operations) {
      const created = operation.responses['201'];
      if (created === undefined) continue;
      expect({ path, said: 'Location' in created.headers }).toEqual({
        path,
        said: method === 'post' && (paths.has(`${path}/{id}`) || deeds.includes(path)),
      });
    }
  });

  it('marks what is deprecated', () => {
    const marked = operations.filter(({ operation }) => operation.deprecated).map(({ path }) => path);
    expect(marked.sort()).toEqual(['/health', '/readiness']);
    for (const { operation } of operations)
      expect('Deprecation' in operation.responses['500']!.headers).toBe(operation.deprecated === true);
  });
});

describe('an answer of which the schema is known', () => {
  const facts: RouteFacts = {
    name: 'Things.get',
    takesQuery: false,
    takesBody: false,
    takesIfMatch: false,
    isSigned: false,
    location: undefined,
    isExemptFromOnce: false,
    deprecation: { deprecation: '@0', sunset: 'Thu, 01 Jan 1970 00:00:00 GMT' },
    refusals: [],
  };

  function described(fields: readonly string[], method = 'get'): Operation {
    const properties = Object.fromEntries(fields.map((name) => [name, { type: 'string' }]));
    const document = {
      components: { schemas: { Thing: { type: 'object', properties } } },
      paths: {
        '/v1/things': {
          [method]: {
            operationId: 'Things_get',
            responses: {
              200: {
                description: '',
                content: { 'application/json': { schema: { $ref: '#/components/schemas/Thing' } } },
              },
            },
          },
        },
      },
    };
    describeOperations(document as unknown as OpenAPIObject, () => facts, STAGES);
    return (document.paths['/v1/things'] as unknown as Record<string, Operation>)[method]!;
  }

  it('has an ETag, and is not sent again, when it has a version', () => {
    const read = described(['id', 'version']);
    expect(read.responses['200']!.headers).toHaveProperty('ETag');
    expect(read.responses['304']).toMatchObject({ headers: { ETag: {} } });
    expect(read.responses['304']).not.toHaveProperty('content');
    expect(parametersOf(read)).toEqual(['If-None-Match']);
    const edited = described(['id', 'version'], 'patch');
    expect(edited.responses['200']!.headers).toHaveProperty('ETag');
    expect(edited.responses).not.toHaveProperty('304');
    expect(described(['id']).responses['200']!.headers).not.toHaveProperty('ETag');
  });

  it('has a Link when it has a next page', () => {
    expect(described(['data', 'nextCursor']).responses['200']!.headers).toHaveProperty('Link');
    expect(described(['data']).responses['200']!.headers).not.toHaveProperty('Link');
  });

  it('says when it will be gone, where its route does', () => {
    expect(namesOf(described(['id']).responses['200']!.headers)).toEqual([
      'Cache-Control',
      'Deprecation',
      'Sunset',
      'X-Request-Id',
    ]);
  });
});
