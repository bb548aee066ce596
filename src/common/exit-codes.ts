// How commands end: small numbers for what a script may want to tell apart, sysexits(3) for the rest.

export const EXIT = {
  ok: 0,
  /** It was looked into, and something is wrong: drift, a failed check, a refusal. */
  failed: 1,
  usage: 2,
  /** Migrations are pending. */
  pending: 3,
  /** What was waited for did not come in time. */
  timeout: 4,
  /** The store, or the port, cannot be had. */
  unavailable: 69,
  /** A fault of the program itself. */
  internal: 70,
  /** Somebody else has it just now: trying again later is right. */
  inUse: 75,
  notPermitted: 77,
  /** The configuration is not valid. */
  configuration: 78,
} as const;

export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

export const EXIT_HELP = `Exit codes:
  0 done · 1 failed, or a check found something · 2 wrong usage · 3 migrations pending · 4 timed out
  69 store or port cannot be had · 70 fault of the program · 75 in use, try again · 77 not permitted · 78 wrong configuration`;
