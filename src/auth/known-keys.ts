// What was lately found out about keys, so that not every request is a query. Nobody tells this process of a revocation: it looks again.
import { type KeyHolder } from './principal.js';
import { type Instant } from '../common/clock.js';

/** A key that stands in the store and is not revoked. */
export interface ValidKey {
  readonly holder: KeyHolder;
  readonly expiresAt: Instant | null;
}

interface Finding {
  /** Undefined: there is no such key. */
  readonly key: ValidKey | undefined;
  readonly freshUntil: number;
}

/**
 * Counted from the start of the lookup, whose view of the store is no older than that: a request that comes a second after a revocation
 * was answered meets no finding from before it.
 */
export const FRESH_MS = 900;
/** Each; the oldest goes. Of unknown keys somebody may send any number. */
const FINDINGS_MAX = 10_000;

export class KnownKeys {
  private readonly valid = new Map<string, Finding>();
  private readonly unknown = new Map<string, Finding>();
  /** Who asks for the same key meanwhile waits for the same answer. */
  private readonly lookups = new Map<string, { readonly freshUntil: number; readonly finding: Promise<Finding> }>();

  constructor(
    private readonly lookUp: (hash: string) => Promise<ValidKey | undefined>,
    private readonly now: () => number = () => performance.now(),
  ) {}

  /** The valid key with this hash, or undefined where there is none. */
  async find(hash: string): Promise<ValidKey | undefined> {
    const known = this.valid.get(hash) ?? this.unknown.get(hash);
    if (known !== undefined && known.freshUntil > this.now()) return known.key;
    const underWay = this.lookups.get(hash);
    const finding = underWay !== undefined && underWay.freshUntil > this.now() ? underWay.finding : this.ask(hash);
    return (await finding).key;
  }

  /** Whether it was valid when it was last asked for, which may be long ago. */
  wasValid(hash: string): boolean {
    return this.valid.has(hash);
  }

  /** What this process itself has just changed is looked up anew. */
  forget(hash: string): void {
    this.valid.delete(hash);
    this.unknown.delete(hash);
    this.lookups.delete(hash);
  }

  private ask(hash: string): Promise<Finding> {
    const freshUntil = this.now() + FRESH_MS;
    const finding = this.lookUp(hash).then((key) => ({ key, freshUntil }));
    const lookup = { freshUntil, finding };
    this.lookups.set(hash, lookup);
    void finding.then(
      (found) => {
        // Not where it was forgotten meanwhile, or asked again.
        if (this.lookups.get(hash) !== lookup) return;
        this.lookups.delete(hash);
        this.keep(hash, found);
      },
      () => {
        if (this.lookups.get(hash) === lookup) this.lookups.delete(hash);
      },
    );
    return finding;
  }

  private keep(hash: string, finding: Finding): void {
    this.valid.delete(hash);
    this.unknown.delete(hash);
    const findings = finding.key === undefined ? this.unknown : this.valid;
    const [oldest] = findings.keys();
    if (findings.size >= FINDINGS_MAX && oldest !== undefined) findings.delete(oldest);
    findings.set(hash, finding);
  }
}
