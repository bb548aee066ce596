// What a check found, and the words for it.
export type Verdict = 'ok' | 'warning' | 'fault' | 'skipped';

export interface Finding {
  readonly check: string;
  readonly verdict: Verdict;
  readonly detail: string;
  /** What to do; null where nothing is to be done. */
  readonly next: string | null;
}

export function ok(check: string, detail: string): Finding {
  return { check, verdict: 'ok', detail, next: null };
}

export function warning(check: string, detail: string, next: string): Finding {
  return { check, verdict: 'warning', detail, next };
}

export function fault(check: string, detail: string, next: string): Finding {
  return { check, verdict: 'fault', detail, next };
}

export function skipped(checks: readonly string[], why: string): readonly Finding[] {
  return checks.map((check) => ({ check, verdict: 'skipped', detail: why, next: null }));
}
