// Versions: what an answer says of its own, what an edit may ask for, and what a client need not be sent again.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readEntityTags } from '../../src/http/entity-tag.js';
import {
  bodyOf,
  expectRefusal,
  type Json,
  keepLine,
  linkedAccount,
  openAccount,
  stateBalance,
} from '../support/builders.js';
import { eachStore } from '../support/each-store.js';
import { TestApp } from '../support/test-app.js';

describe('a list of entity tags', () => {
  it.each([
    ['"1"', ['1']],
    ['W/"1"', ['W/1']],
    ['"1", "2"', ['1', '2']],
    ['"1","2",W/"3"', ['1', '2', 'W/3']],
    [' "1" , , "2" ,', ['1', '2']],
    ['"a,b", "c"', ['a,b', 'c']],
    ['""', ['']],
  ])('%s is read', (header, tags) => {
    expect(readEntityTags(header)?.map(({ tag, isWeak }) => (isWeak ? `W/${tag}` : tag))).toEqual(tags);
  });

  it.each(['', ' ', ',', '1', "'1'", '"1', '1"', '"1" "2"', '*, "1"', '"1", *', 'w/"1"', 'W/ "1"', '"\u0001"', '"1"x'])(
    '%j is none',
    (header) => {
      expect(readEntityTags(header)).toBeUndefined();
    },
  );
});

eachStore((store) => {
  let app: TestApp;
  beforeAll(async () => {
    app = await TestApp.start(store);
  });
  afterAll(() => app.stop());

  const ifMatch = (tag: string) => ({ headers: { 'if-match': tag } });
  const ifNoneMatch = (tag: string) => ({ headers: { 'if-none-match': tag } });

  /** Each thing that has a version, made anew: where it stands, and how it is edited. */
  const versioned: [string, () => Promise<{ url: string; edit: Json }>][] = [
    ['an account', async () => ({ url: `/v1/accounts/${(await openAccount(app)).id}`, edit: { name: 'Safe' } })],
    [
      'a line',
      async () => {
        const line = await keepLine(app, await openAccount(app));
        return { url: `/v1/transactions/${line.id}`, edit: { notes: 'seen' } };
      },
    ],
  ];

  describe.each(versioned)('%s', (_name, make) => {
    it('says its version when it is made, read and edited', async () => {
      const { url, edit } = await make();
      expect((await app.get(url)).headers['etag']).toBe('"1"');
      const edited = await app.patch(url, edit);
      expect(edited.headers['etag']).toBe('"2"');
      expect((await app.get(url)).headers['etag']).toBe('"2"');
    });

    it('is edited when its version is one of those that are named, or any will do', async () => {
      const { url, edit } = await make();
      for (const tag of ['"1"', '"7", "1"', 'W/"9", "1"', '*', ' * ']) {
        const { version } = await bodyOf(app.get(url));
        const answer = await app.patch(url, edit, ifMatch(tag.replace('"1"', `"${version}"`)));
        expect({ tag, status: answer.status }).toEqual({ tag, status: 200 });
      }
    });

    it('is not edited when somebody else was faster, and says which version it has now', async () => {
      const { url, edit } = await make();
      await app.patch(url, edit);
      const before = await bodyOf(app.get(url));
      for (const tag of ['"1"', '"3"', 'W/"2"', '""', '"02"'])
        expectRefusal(await app.patch(url, { ...edit }, ifMatch(tag)), 412, 'version_stale');
      expect(await bodyOf(app.get(url))).toEqual(before);
    });

    it('is not edited with an If-Match that nobody can read', async () => {
      const { url, edit } = await make();
      for (const tag of ['1', '"1', '', '"1 "', '"1" "2"', '*, "1"'])
        expectRefusal(await app.patch(url, edit, ifMatch(tag)), 400, 'if_match_invalid');
      expect((await app.get(url)).headers['etag']).toBe('"1"');
    });

    it('is edited once by ten at once that saw the same version', async () => {
      const { url, edit } = await make();
      const field = Object.keys(edit as object)[0]!;
      const answers = await Promise.all(
        Array.from({ length: 10 }, (_, index) => app.patch(url, { [field]: `by ${index}` }, ifMatch('"1"'))),
      );
      expect(answers.map(({ status }) => status).sort()).toEqual([200, ...Array.from({ length: 9 }, () => 412)]);
      const winner = answers.find(({ status }) => status === 200)!;
      expect(await bodyOf(app.get(url))).toEqual(winner.body);
    });

    it('is not sent again to whoever has it', async () => {
      const { url } = await make();
      for (const tag of ['"1"', 'W/"1"', '"0", "1"', '*']) {
        const answer = await app.get(url, ifNoneMatch(tag));
        expect({ tag, status: answer.status, text: answer.text }).toEqual({ tag, status: 304, text: '' });
        expect(answer.headers['etag']).toBe('"1"');
        expect(answer.headers['content-type']).toBeUndefined();
        expect(answer.headers['content-length']).toBeUndefined();
      }
    });

    it('is the same to whoever asks for its head', async () => {
      const { url } = await make();
      const headOf = (tag: string) =>
        app.app.inject({ method: 'HEAD', url, headers: { authorization: `Bearer ${app.key}`, 'if-none-match': tag } });
      const [known, other] = [await headOf('"1"'), await headOf('"2"')];
      expect([known.statusCode, known.headers['etag'], known.body]).toEqual([304, '"1"', '']);
      expect(known.headers['content-length']).toBe(other.headers['content-length']);
      expect([other.statusCode, other.headers['etag'], other.body]).toEqual([200, '"1"', '']);
    });

    it('is sent to whoever has another version, or names it in a way that nobody can read', async () => {
      const { url } = await make();
      for (const tag of ['"2"', 'W/"2"', '', '1', '"1', '"1" "1"']) {
        const answer = await app.get(url, ifNoneMatch(tag));
        expect({ tag, status: answer.status, version: answer.body?.version }).toEqual({ tag, status: 200, version: 1 });
      }
    });
  });

  it('what is made says its version, too', async () => {
    const opened = await app.post('/v1/accounts', { kind: 'manual', name: 'Cash', currency: 'USD' });
    expect({ status: opened.status, etag: opened.headers['etag'] }).toEqual({ status: 201, etag: '"1"' });
  });

  it('an edit is not taken for a read, whatever the client has', async () => {
    const { id } = await openAccount(app);
    const edited = await app.patch(`/v1/accounts/${id}`, { name: 'Safe' }, ifNoneMatch('*'));
    expect({ status: edited.status, name: edited.body.name }).toEqual({ status: 200, name: 'Safe' });
  });

  it('an account is closed, and a line deleted, in the version that was named only', async () => {
    const account = await openAccount(app);
    const line = await keepLine(app, account);
    expectRefusal(await app.delete(`/v1/transactions/${line.id}`, ifMatch('"2"')), 412, 'version_stale');
    expect((await app.delete(`/v1/transactions/${line.id}`, ifMatch('"1"'))).status).toBe(204);
    const close = `/v1/accounts/${account.id}/close`;
    expectRefusal(await app.post(close, undefined, ifMatch('"99"')), 412, 'version_stale');
    expect((await app.post(close, undefined, ifMatch('*'))).status).toBe(200);
  });

  it('what is not there is not found, whatever version of it is named', async () => {
    const url = `/v1/accounts/acc_${'f'.repeat(32)}`;
    expectRefusal(await app.patch(url, { name: 'Safe' }, ifMatch('"1"')), 404, 'account_not_found');
    expectRefusal(await app.get(url, ifNoneMatch('*')), 404, 'account_not_found');
  });

  it('two answers of the same version are the same answer: whatever shows on an account raises it', async () => {
    const manual = await openAccount(app);
    const url = `/v1/accounts/${manual.id}`;
    const seen = new Map<string, string>();
    const look = async (): Promise<void> => {
      const { headers, text } = await app.get(url);
      const tag = String(headers['etag']);
      expect(seen.get(tag) ?? text).toBe(text);
      seen.set(tag, text);
    };
    await look();
    await stateBalance(app, manual, { ledger: '1', asOf: '2026-11-20T00:00:00Z' });
    await look();
    await stateBalance(app, manual, { ledger: '2', available: '1', asOf: '2026-11-21T00:00:00Z' });
    await look();
    // An older balance is history, and shows nowhere on the account.
    await stateBalance(app, manual, { ledger: '5', asOf: '2026-11-19T00:00:00Z' });
    await look();
    await keepLine(app, manual);
    await look();
    app.clock.advance(1_000);
    await app.patch(url, { name: 'Purse' });
    await look();
    await app.post(`${url}/close`);
    await look();
    expect(seen.size).toBeGreaterThanOrEqual(5);
  });

  it("a list says no version: its rows' are their own", async () => {
    expect((await app.get('/v1/accounts')).headers['etag']).toBeUndefined();
    await linkedAccount(app);
    expect((await app.get('/v1/accounts?kind=linked')).headers['etag']).toBeUndefined();
  });
});
