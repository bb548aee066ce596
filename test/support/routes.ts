// Every route that the OpenAPI document has: a test that walks them cannot forget a new one.
import { type TestApp } from './test-app.js';

export type Method = 'GET' | 'POST' | 'PATCH' | 'PUT' | 'DELETE';

export interface Route {
  readonly method: Method;
  /** With `{id}` where one stands. */
  readonly path: string;
  /** The names of its query parameters. */
  readonly query: readonly string[];
  readonly takesBody: boolean;
  /** Whether it asks for a key. */
  readonly guarded: boolean;
  /** The statuses that it is said to answer. */
  readonly statuses: readonly number[];
}

interface Operation {
  readonly parameters?: readonly { in: string; name: string }[];
  readonly requestBody?: object;
  readonly security?: readonly object[];
  readonly responses: object;
}

export async function routesOf(app: TestApp): Promise<Route[]> {
  const { body } = await app.get('/openapi.json', { key: undefined });
  const paths = body.paths as Record<string, Record<string, Operation>>;
  return Object.entries(paths).flatMap(([path, operations]) =>
    Object.entries(operations).map(([method, operation]) => ({
      method: method.toUpperCase() as Method,
      path,
      query: (operation.parameters ?? []).flatMap((parameter) => (parameter.in === 'query' ? [parameter.name] : [])),
      takesBody: operation.requestBody !== undefined,
      guarded: (operation.security ?? []).length > 0,
      statuses: Object.keys(operation.responses).map(Number),
    })),
  );
}

const PREFIXES: readonly (readonly [string, string])[] = [
  ['/v1/keys/', 'key'],
  ['/v1/accounts/', 'acc'],
  ['/v1/transactions/', 'txn'],
  ['/v1/transfers/', 'trf'],
  ['/v1/holds/', 'hld'],
  ['/v1/enrollments/', 'enr'],
];

/** The route's path for this id, or for a well-formed one that nothing has. */
export function pathOf(route: Route, id?: string): string {
  const prefix = PREFIXES.find(([start]) => route.path.startsWith(start))?.[1] ?? 'acc';
  return route.path.replace('{id}', id ?? `${prefix}_${'f'.repeat(32)}`);
}

export function nameOf({ method, path }: Route): string {
  return `${method} ${path}`;
}
