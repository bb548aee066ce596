// Brings every access token under the first encryption key, so that the older keys can be taken away.
import { type Database } from '../../database/database.js';
import { type Scope } from '../../database/scope.js';
import { type AccessTokens } from './access-tokens.js';
import { Enrollment } from '../stored/enrollment.entity.js';
import { type EnrollmentsRepository, type SealedToken } from '../stored/enrollments.repository.js';
import { AccessTokenUnreadable } from '../port/feeds.errors.js';

const BATCH_ROWS = 200;

export interface ResealOptions {
  readonly dryRun: boolean;
  readonly batchRows?: number;
}

export interface ResealCounts {
  /** All that are kept. */
  readonly tokens: number;
  /** Brought under the first key, or to be brought. */
  readonly resealed: number;
  /** Why not, of each that cannot be opened. */
  readonly unreadable: readonly string[];
}

export class TokenReseal {
  constructor(
    private readonly database: Database,
    private readonly repository: EnrollmentsRepository,
    private readonly tokens: AccessTokens,
  ) {}

  /**
   * Goes through all tokens once, a batch a transaction: what was done stays done, and the next run goes on with the rest. Servers may run
   * meanwhile: a token that one of them replaces under a lock is not overwritten.
   */
  async run(scope: Scope, { dryRun, batchRows = BATCH_ROWS }: ResealOptions): Promise<ResealCounts> {
    const counts = { tokens: 0, resealed: 0, unreadable: [] as string[] };
    for (let after = ''; ;) {
      const batch = await this.database.read(scope, (reader) => this.repository.listTokens(reader, after, batchRows));
      const last = batch.at(-1);
      if (last === undefined) return counts;
      counts.tokens += batch.length;
      const { readable, unreadable } = this.sorted(batch.filter((token) => !this.tokens.isCurrent(token)));
      counts.unreadable.push(...unreadable);
      counts.resealed += dryRun ? readable.length : await this.reseal(scope, readable);
      after = last.id;
    }
  }

  /** How many are not under the first key. */
  async countOld(scope: Scope): Promise<number> {
    const { resealed, unreadable } = await this.run(scope, { dryRun: true });
    return resealed + unreadable.length;
  }

  private sorted(batch: readonly SealedToken[]): { readable: Enrollment['id'][]; unreadable: string[] } {
    const readable: Enrollment['id'][] = [];
    const unreadable: string[] = [];
    for (const token of batch) {
      try {
        this.tokens.open(token);
        readable.push(token.id);
      } catch (error) {
        if (!(error instanceof AccessTokenUnreadable)) throw error;
        unreadable.push(error.message);
      }
    }
    return { readable, unreadable };
  }

  /** Under their locks, as they are now. */
  private reseal(scope: Scope, ids: readonly Enrollment['id'][]): Promise<number> {
    return this.database.transact(scope, async (tx) => {
      const rows = await tx.lock(Enrollment, ids);
      const old = rows.flatMap(({ id, accessToken }) => {
        const token = accessToken === null ? undefined : { id, accessToken };
        return token === undefined || this.tokens.isCurrent(token) ? [] : [token];
      });
      return tx.update(
        Enrollment,
        old.map((token) => ({ key: { id: token.id }, set: { accessToken: this.tokens.reseal(token) } })),
      );
    });
  }
}
