import { type Drift } from './drift.js';

export class DriftView {
  /** @example acc_0192f0c1a2b37c4d8e9f00112233445566 */
  accountId!: string;
  /** @example USD */
  currency!: string;
  /** `agrees`; `off`, since a certain day; or `unknown`, where too little was stated to say. */
  state!: Drift['state'];
  /** The last day on which the lines and a stated balance are known to agree. @example 2026-11-20 */
  agreedUntil!: string | null;
  /** The first day from which on nothing that was stated agrees with the lines any more. @example 2026-11-21 */
  firstDayOff!: string | null;
  /** How far off on that day: what was stated less what the lines add up to. Positive: money came in, of which no line tells. @example "-12.34" */
  off!: string | null;
  /** The same by what was stated last. @example "-12.34" */
  offNow!: string | null;
  /** What the account held before its first line, as the stated balances have it. @example "1234.56" */
  opening!: string | null;
  /** How many stated balances were looked at: ledgers of moments, and the running balances that end a day. */
  statedBalances!: number;
}
