// What a key may do: every route of the OpenAPI document, with every scope.
import { afterAll, beforeAll, expect, it } from 'vitest';
import { KEY_SCOPES, type KeyScope } from '../../src/auth/principal.js';
import { everything, expectRefusal } from '../support/builders.js';
import { eachStore } from '../support/each-store.js';
import { nameOf, pathOf, type Route, routesOf } from '../support/routes.js';
import { TestApp } from '../support/test-app.js';

const PUBLIC = ['GET /livez', 'GET /readyz', 'GET /health', 'GET /readiness'];

function scopeOf(route: Route): KeyScope {
  if (route.path.startsWith('/v1/keys')) return 'admin';
  return route.method === 'GET' ? 'read' : 'write';
}

eachStore((store) => {
  let app: TestApp;
  let routes: Route[];
  let keys: Record<KeyScope, string>;
  beforeAll(async () => {
    app = await TestApp.start(store);
    routes = await routesOf(app);
    keys = {
      read: await app.keyFor({ scope: 'read' }),
      write: await app.keyFor({ scope: 'write' }),
      admin: await app.keyFor({ scope: 'admin' }),
    };
  });
  afterAll(() => app.stop());

  const call = (route: Route, key: string | undefined) => {
    // A body that nothing takes: what gets past the guard still changes nothing.
    const options = route.takesBody ? { key, body: { nothing: true } } : { key };
    return app.call(route.method, pathOf(route), options);
  };

  it('leaves only the probes open to everybody', async () => {
    expect(routes.length).toBeGreaterThan(20);
    expect(
      routes
        .filter((route) => !route.guarded)
        .map(nameOf)
        .sort(),
    ).toEqual([...PUBLIC].sort());
    for (const route of routes.filter((one) => !one.guarded)) expect((await call(route, undefined)).status).toBe(200);
  });

  it('asks for a key on every other route, and says so', async () => {
    for (const route of routes.filter((one) => one.guarded)) {
      const answer = await call(route, undefined);
      expectRefusal(answer, 401, 'key_missing');
      expect(answer.headers['www-authenticate']).toMatch(/^Bearer /);
      expect(route.statuses, nameOf(route)).toEqual(expect.arrayContaining([401, 403]));
    }
  });

  it.each(KEY_SCOPES)('lets a key of scope %s do what is below it and nothing else', async (scope) => {
    const before = await everything(app);
    for (const route of routes.filter((one) => one.guarded)) {
      const answer = await call(route, keys[scope]);
      const needed = scopeOf(route);
      if (KEY_SCOPES.indexOf(scope) >= KEY_SCOPES.indexOf(needed)) {
        expect([200, 400, 404], `${nameOf(route)}: ${answer.text}`).toContain(answer.status);
      } else {
        expectRefusal(answer, 403, 'scope_insufficient');
        expect(answer.body.detail).toContain(needed);
      }
    }
    expect(await everything(app)).toBe(before);
  });
});
