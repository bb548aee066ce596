// How the store stands, asked afresh each time: whether it answers, and whether its schema is the one this program needs.
import { Refusal } from '../common/domain-error.js';
import { StoreUnavailable } from './database.errors.js';
import { type Engine } from './engine.js';
import { APPLIED_IDS_SQL, levelOf, type SchemaLevel } from './schema/level.js';
import { type StoreKeeper } from './store-keeper.js';

export interface StoreCondition {
  readonly reachable: boolean;
  /** `unknown` when the store does not answer. */
  readonly schema: SchemaLevel | 'unknown';
  readonly applied: number;
  readonly pending: number;
  /** What is wrong, without secrets; undefined when nothing is. */
  readonly fault: string | undefined;
}

export class StoreInspector {
  private asking: Promise<StoreCondition> | undefined;

  constructor(
    private readonly engine: Engine,
    private readonly keeper: StoreKeeper,
    private readonly timeoutMs: number,
    /** Ids of the migrations that this program needs. */
    private readonly known: readonly string[],
  ) {}

  /** Answers within the time limit. Those who ask at the same time share one answer. */
  inspect(): Promise<StoreCondition> {
    this.asking ??= this.ask().finally(() => (this.asking = undefined));
    return this.asking;
  }

  private async ask(): Promise<StoreCondition> {
    if (!this.keeper.isOpen) return unreachable(this.keeper.lastError);
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(
        () => reject(new StoreUnavailable(`The store did not answer within ${this.timeoutMs} ms.`)),
        this.timeoutMs,
      );
    });
    try {
      return await Promise.race([this.look(), late]);
    } catch (error) {
      return unreachable(this.engine.translate(error));
    } finally {
      clearTimeout(timer);
    }
  }

  private async look(): Promise<StoreCondition> {
    const { known } = this;
    const applied = await this.appliedIds();
    const schema = levelOf(applied, known);
    const pending = known.filter((id) => !applied.includes(id)).length;
    const fault =
      pending === 0
        ? undefined
        : `The schema lacks ${pending} of ${known.length} migrations: run "passbook migrate up".`;
    return { reachable: true, schema, applied: applied.length, pending, fault };
  }

  private async appliedIds(): Promise<string[]> {
    const [history] = await this.engine.probe.query(HAS_HISTORY[this.engine.dialect]);
    return history === undefined ? [] : (await this.engine.probe.query(APPLIED_IDS_SQL)).map(([id]) => String(id));
  }
}

const HAS_HISTORY = {
  sqlite: "SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = 'schema_migrations'",
  postgres: "SELECT 1 WHERE to_regclass('schema_migrations') IS NOT NULL",
} as const;

/** Refusals are worded for everybody; what else was thrown may say too much. */
function unreachable(error: unknown): StoreCondition {
  const fault =
    error === undefined
      ? 'The store has not been opened yet.'
      : error instanceof Refusal
        ? error.message
        : 'The store cannot be used.';
  return { reachable: false, schema: 'unknown', applied: 0, pending: 0, fault };
}
