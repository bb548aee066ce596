// The service twice, on SQLite and on PostgreSQL, with the same clock and the same ids: every call goes to both, and the answers are compared byte by byte.
import pg from 'pg';
import { ENGINES, makeStore, type TestStore } from '../support/each-store.js';
import { FakeTeller } from '../feeds/teller/fake-teller/server.js';
import { behind, type PgBouncer } from '../support/pgbouncer.js';
import { type Answer } from '../support/test-app.js';
import { Player, WEBHOOK_SECRET } from './player.js';
import { type Step } from './program.js';

/** Both answers to one call, where they differ or where one of them owns up to a fault of the service. */
export interface Mismatch {
  /** Which step of the program. */
  readonly step: number;
  readonly sent: string;
  readonly sqlite: string;
  readonly postgres: string;
}

/** What was seen on the way, to show that the programs reach what they should. */
export class Reach {
  /** How often each status came, by operation. */
  readonly statuses = new Map<string, Map<number, number>>();
  /** How often each refusal came. */
  readonly codes = new Map<string, number>();

  note(op: string, { status, body }: Answer): void {
    const byStatus = this.statuses.get(op) ?? new Map<number, number>();
    this.statuses.set(op, byStatus.set(status, (byStatus.get(status) ?? 0) + 1));
    for (const code of codesIn(body)) this.codes.set(code, (this.codes.get(code) ?? 0) + 1);
  }

  succeeded(op: string): boolean {
    return [...(this.statuses.get(op)?.keys() ?? [])].some((status) => status < 300);
  }
}

function codesIn(body: unknown): string[] {
  if (typeof body !== 'object' || body === null) return [];
  const { code } = body as { code?: unknown };
  return [...(typeof code === 'string' ? [code] : []), ...Object.values(body).flatMap(codesIn)];
}

export interface PairOptions {
  readonly postgresDefaults?: Readonly<Record<string, string>>;
  /** Stands before PostgreSQL. */
  readonly bouncer?: PgBouncer;
}

export class Pair {
  private constructor(
    private readonly players: readonly [Player, Player],
    private readonly teller: FakeTeller,
  ) {}

  static async start(options: PairOptions = {}): Promise<Pair> {
    const teller = await FakeTeller.start();
    const environment = {
      ...teller.variables(),
      TELLER_WEBHOOK_SECRETS: WEBHOOK_SECRET,
      TELLER_WEBHOOK_TIMEOUT_MS: '60000',
      ENCRYPTION_KEYS: `parity:${Buffer.alloc(32, 1).toString('base64')}`,
    };
    const stores = await Promise.all(ENGINES.map((engine) => makeStore(engine, environment)));
    for (const store of stores)
      if (store.engine === 'postgres') await setDefaults(store, options.postgresDefaults ?? {});
    const { bouncer } = options;
    const [sqlite, postgres] = await Promise.all(
      stores.map((store) =>
        Player.start(store.engine === 'sqlite' || bouncer === undefined ? store : behind(bouncer, store)),
      ),
    );
    return new Pair([sqlite!, postgres!], teller);
  }

  async stop(): Promise<void> {
    for (const player of this.players) await player.stop();
    await this.teller.stop();
  }

  get operations(): readonly string[] {
    return [...this.players[0].operations.keys()];
  }

  /** Runs a program over whatever earlier ones left. Stops at the first mismatch. */
  async run(program: readonly Step[], reach?: Reach): Promise<Mismatch | undefined> {
    for (const player of this.players) player.forget();
    for (const [index, step] of program.entries()) {
      const [sqlite, postgres] = await Promise.all(this.players.map((player) => player.play(step)));
      for (const [page, { request, answer }] of sqlite!.entries()) {
        const [a, b] = [written(answer), written(postgres![page]?.answer)];
        if (a !== b || answer.status === 500) {
          const sent = `${request.method} ${request.url} ${request.payload ?? ''}`;
          return { step: index, sent, sqlite: a, postgres: b };
        }
        if ('op' in step) reach?.note(step.op, answer);
      }
    }
    return undefined;
  }
}

/** What every session of the database begins with. */
async function setDefaults({ environment }: TestStore, defaults: Readonly<Record<string, string>>): Promise<void> {
  const url = environment['DATABASE_URL']!;
  const client = new pg.Client(url);
  await client.connect();
  for (const [name, value] of Object.entries(defaults)) {
    await client.query(`ALTER DATABASE ${new URL(url).pathname.slice(1)} SET ${name} = '${value}'`);
  }
  await client.end();
}

/**
 * Status, headers and body as one text. Three things cannot be equal and are left out, no more: the header Date; the random part of new API keys (in
 * `key` and `preview`); the engine's name where the probes say it. Because of the last, Content-Length is compared with the answer's own body instead.
 */
function written(answer: Answer | undefined): string {
  if (answer === undefined) return 'no such page';
  const { status, headers, text } = answer;
  const { date: _date, 'content-length': length, ...others } = headers;
  const lines = Object.entries(others)
    .map(([name, value]) => `${name}: ${String(value)}`)
    .sort((a, b) => (a < b ? -1 : 1));
  const isOfLength = length === undefined || Number(length) === Buffer.byteLength(text);
  return [
    String(status),
    ...lines,
    ...(isOfLength ? [] : [`wrong content-length: ${String(length)}`]),
    '',
    alike(text),
  ].join('\n');
}

function alike(text: string): string {
  return text
    .replaceAll(/pbk_[A-Za-z0-9_-]{43}/g, 'pbk_(secret)')
    .replaceAll(/"preview":"pbk_[A-Za-z0-9_-]{6}"/g, '"preview":"pbk_(start)"')
    .replaceAll(/"(driver|db_driver|db_url_kind)":"(sqlite|postgres)"/g, '"$1":"(engine)"');
}
