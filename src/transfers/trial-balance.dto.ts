export class TrialBalanceRow {
  /** @example USD */
  currency!: string;
  /** How many book accounts there are in it. */
  accounts!: number;
  /** What those above zero hold together. @example "1500.00" */
  credit!: string;
  /** What those below zero owe together. @example "-1500.00" */
  debit!: string;
  /** Both together. @example "0.00" */
  sum!: string;
  /** What holds set aside. @example "20.00" */
  held!: string;
  /** Whether the sum is zero, as it must be. */
  isBalanced!: boolean;
}

export class TrialBalance {
  data!: TrialBalanceRow[];
}
