// Edits of what others edit, too: with the version in hand nobody's edit is lost, and what shows is another answer if and only if its tag is.
import fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { enroll, trySync } from '../feeds/linking.js';
import { changingFeed } from '../history/deeds.js';
import { allPages, bodyOf, type Json, keepLine, lineFor, openAccount } from '../support/builders.js';
import { eachStore } from '../support/each-store.js';
import { seed, share } from '../support/share.js';
import { TestApp } from '../support/test-app.js';

const RACERS = 20;
const PROGRAMS = share({ test: 4, prove: 150 });
const STEPS_MAX = 25;

/** Of If-Match on what is at version 1: how many of the racers come through, and what the others are told. */
const MATCHES: readonly (readonly [header: string | undefined, winners: number, others: number])[] = [
  ['"1"', 1, 412],
  ['"7", "1"', 1, 412],
  [' , "1" ,, W/"1"', 1, 412],
  ['*', RACERS, 200],
  [undefined, RACERS, 200],
  ['"2"', 0, 412],
  ['W/"1"', 0, 412],
  ['1', 0, 400],
  ['"1', 0, 400],
];

eachStore((store) => {
  let app: TestApp;
  beforeAll(async () => {
    app = await TestApp.start(store, undefined, { feeds: [changingFeed()] });
  });
  afterAll(() => app.stop());

  const made = {
    account: async (): Promise<string> => `/v1/accounts/${(await openAccount(app)).id}`,
    transaction: async (): Promise<string> => `/v1/transactions/${(await keepLine(app, await openAccount(app))).id}`,
  };
  const edits = {
    account: (nth: number): object => ({ name: `Name ${nth}` }),
    transaction: (nth: number): object => ({ notes: `Note ${nth}` }),
  };
  const races = (['account', 'transaction'] as const).flatMap((kind) =>
    MATCHES.map((match) => [kind, ...match] as const),
  );

  it.each(races)(`${RACERS} edit one %s with If-Match %s: %i come through`, async (kind, header, winners, others) => {
    const url = await made[kind]();
    const headers: Record<string, string> = header === undefined ? {} : { 'if-match': header };
    const racers = Array.from({ length: RACERS }, (_, nth) => app.patch(url, edits[kind](nth), { headers }));
    const answers = await Promise.all(racers);
    const statuses = answers.map(({ status }) => status).sort((a, b) => a - b);
    const expected = [...Array<number>(winners).fill(200), ...Array<number>(RACERS - winners).fill(others)];
    expect(statuses).toEqual(expected.sort((a, b) => a - b));
    const now = await app.get(url);
    expect([now.body.version, now.headers['etag']]).toEqual([1 + winners, `"${1 + winners}"`]);
    const won = answers.filter(({ status }) => status === 200);
    expect(won.map(({ body }) => body.version).sort((a, b) => a - b)).toEqual(won.map((_, index) => index + 2));
    if (winners > 0) expect(won.find(({ body }) => body.version === 1 + winners)!.text).toBe(now.text);
  });

  it('racers that read again after each refusal all come through, one after another', async () => {
    const url = await made.account();
    const racer = async (nth: number): Promise<void> => {
      for (;;) {
        const etag = String((await app.get(url)).headers['etag']);
        const { status } = await app.patch(url, { name: `Name ${nth}` }, { headers: { 'if-match': etag } });
        if (status === 200) return;
        expect(status).toBe(412);
      }
    };
    await Promise.all(Array.from({ length: 8 }, (_, nth) => racer(nth)));
    expect((await bodyOf(app.get(url))).version).toBe(9);
  });

  it(
    `in ${PROGRAMS} random programs two answers are equal just where their tags are`,
    { timeout: 3_600_000 },
    async () => {
      const owners = ['ann', 'bob'];
      const deeds: readonly ((at: World, nth: number) => Promise<unknown>)[] = [
        ({ account }, nth) => app.patch(account(nth), { name: `Name ${nth % 3}` }),
        ({ account }, nth) => app.patch(account(nth), { owner: owners[nth % 2] }),
        ({ account }, nth) => app.patch(account(nth), { status: nth % 2 === 0 ? 'closed' : 'open' }),
        ({ account }, nth) => app.post(`${account(nth)}/balances`, { ledger: String(nth % 4) }),
        ({ account }, nth) => app.post(`${account(nth)}/balances`, { ledger: '1', asOf: '2020-01-01T00:00:00Z' }),
        ({ id }, nth) => app.post('/v1/transactions', lineFor({ id: id(nth) })),
        ({ line }, nth) => app.patch(line(nth), { notes: nth % 3 === 0 ? null : `note ${nth % 2}` }),
        ({ line }, nth) => app.patch(line(nth), { amount: String(nth % 3), category: `c${nth % 2}` }),
        ({ line }, nth) => app.delete(line(nth)),
        ({ enrollment }) => trySync(app, enrollment),
        async (_, nth) => app.clock.advance(nth),
      ];
      const steps = fc.array(fc.tuple(fc.nat({ max: deeds.length - 1 }), fc.nat({ max: 1_000 })), {
        maxLength: STEPS_MAX,
        size: 'max',
      });
      const property = fc.asyncProperty(steps, async (program) => {
        const world = await World.make(app);
        for (const [deed, nth] of program) {
          await deeds[deed]!(world, nth);
          await world.look();
        }
      });
      await fc.assert(property, { seed: seed(), numRuns: PROGRAMS, endOnFailure: true });
    },
  );
});

/** A few things, and every answer that was ever given of each, by its tag. */
class World {
  private readonly seen = new Map<string, { byTag: Map<string, string>; byText: Map<string, string> }>();
  private lines: string[] = [];

  private constructor(
    private readonly app: TestApp,
    private readonly accounts: readonly string[],
    readonly enrollment: { readonly id: string },
  ) {}

  static async make(app: TestApp): Promise<World> {
    const opened = [await openAccount(app, { owner: 'ann' }), await openAccount(app, { kind: 'book', owner: 'bob' })];
    await keepLine(app, opened[0]!);
    const enrollment = await enroll(app, { feed: 'fake', owner: 'ann' });
    await trySync(app, enrollment);
    const world = new World(app, [...opened.map(({ id }) => id as string), ...enrollment.accountIds], enrollment);
    await world.look();
    return world;
  }

  id = (nth: number): string => this.accounts[nth % this.accounts.length]!;
  account = (nth: number): string => `/v1/accounts/${this.id(nth)}`;
  line = (nth: number): string => this.lines[nth % Math.max(this.lines.length, 1)] ?? '/v1/transactions/none';

  async look(): Promise<void> {
    const lines = await Promise.all(
      this.accounts.map((id) => allPages(this.app, `/v1/accounts/${id}/transactions?limit=500`)),
    );
    this.lines = lines.flat().map(({ id }: Json) => `/v1/transactions/${id}`);
    for (const url of [...this.accounts.map((_, nth) => this.account(nth)), ...this.lines]) await this.lookAt(url);
  }

  private async lookAt(url: string): Promise<void> {
    const { headers, text, body } = await this.app.get(url);
    const tag = String(headers['etag']);
    expect({ url, tag }).toEqual({ url, tag: `"${body.version}"` });
    const { byTag, byText } = this.seen.get(url) ?? {
      byTag: new Map<string, string>(),
      byText: new Map<string, string>(),
    };
    this.seen.set(url, { byTag, byText });
    expect({ url, tag, text: byTag.get(tag) ?? text }).toEqual({ url, tag, text });
    expect({ url, tag: byText.get(text) ?? tag, text }).toEqual({ url, tag, text });
    byTag.set(tag, text);
    byText.set(text, tag);
  }
}
