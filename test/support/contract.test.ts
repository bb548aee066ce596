// The judge of all answers, judged: an answer that differs from the document in one thing is a breach, and names it.
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Answered, breachesOf } from './contract.js';
import { openAccount } from './builders.js';
import { eachStore } from './each-store.js';
import { TestApp } from './test-app.js';

const ASKED = { method: 'GET', url: '/v1/accounts?limit=1' };

eachStore((store) => {
  let app: TestApp;
  let good: Answered;
  let refused: Answered;
  beforeAll(async () => {
    app = await TestApp.start(store);
    await openAccount(app, { institution: { id: 'bank', name: 'Bank' } });
    good = await app.get(ASKED.url);
    refused = await app.get('/nowhere');
  });
  afterAll(() => app.stop());

  /** The good answer with something else in its body. */
  function withBody(change: (body: { data: Record<string, unknown>[] } & Record<string, unknown>) => void): Answered {
    const body = JSON.parse(good.text) as { data: Record<string, unknown>[] };
    change(body);
    return { ...good, text: JSON.stringify(body) };
  }

  it('an answer as it is described is none', () => {
    expect(breachesOf(ASKED, good)).toEqual([]);
    expect(breachesOf({ method: 'GET', url: '/v1/%61ccounts/?limit=1' }, good)).toEqual([]);
    expect(breachesOf({ method: 'HEAD', url: ASKED.url }, { ...good, text: '' })).toEqual([]);
  });

  it.each<[string, RegExp, () => Answered]>([
    ['another status', /status 202 is not described/, () => ({ ...good, status: 202 })],
    [
      'another media type',
      /media type text\/html/,
      () => ({ ...good, headers: { ...good.headers, 'content-type': 'text/html' } }),
    ],
    ['no JSON', /no JSON/, () => ({ ...good, text: '<html>' })],
    ['a field more', /additional.*"secret"/, () => withBody((body) => void (body['secret'] = 1))],
    [
      'a field more, deep inside',
      /additional.*"secret"/,
      () => withBody(({ data }) => void ((data[0]!['institution'] as Record<string, unknown>)['secret'] = 1)),
    ],
    ['a field less', /required.*"owner"/, () => withBody(({ data }) => delete data[0]!['owner'])],
    ['another type', /\/data\/0\/name/, () => withBody(({ data }) => void (data[0]!['name'] = 7))],
    ['a word that is not in the list', /\/data\/0\/kind/, () => withBody(({ data }) => void (data[0]!['kind'] = 'x'))],
    [
      'a header that is not described',
      /header x-secret is not described/,
      () => ({ ...good, headers: { ...good.headers, 'x-secret': '1' } }),
    ],
  ])('%s is a breach', (_, words, made) => {
    expect(breachesOf(ASKED, made()).join()).toMatch(words);
  });

  it('where there is no operation, only a refusal of the usual form is none', () => {
    const nowhere = { method: 'GET', url: '/nowhere' };
    expect(breachesOf(nowhere, refused)).toEqual([]);
    expect(breachesOf({ method: 'PUT', url: '/v1/accounts' }, refused)).toEqual([]);
    expect(breachesOf({ method: 'OPTIONS', url: '/v1/accounts' }, { status: 204, headers: {}, text: '' })).toEqual([]);
    expect(breachesOf(nowhere, good).join()).toMatch(/no such operation/);
    expect(breachesOf(nowhere, { ...refused, text: '{"error":"no"}' }).join()).toMatch(/additional.*"error"/);
    const page = { ...refused, headers: { 'content-type': 'text/html' }, text: '<h1>404</h1>' };
    expect(breachesOf(nowhere, page).join()).toMatch(/no application\/problem\+json/);
  });
});
