// What the oracle tells of transfers and holds; in a dry run without the names of what would be new.
import { format, type Hold, type State, type Transfer } from './oracle-state.js';

export function shown(
  state: State,
  { name, seq, kind, memo, reverses, hold: of, lines }: Transfer,
  dryRun: boolean,
): object {
  const isDry = dryRun && !state.stood.has(name);
  return {
    name: isDry ? null : name,
    seq: isDry ? null : String(seq),
    kind,
    memo,
    reverses,
    hold: of,
    lines: lines.map(({ account, amount, balance }) => {
      const { currency } = state.accounts.get(account)!;
      return [account, format(amount, currency), format(balance, currency)];
    }),
  };
}

export function shownHold(state: State, { name, transfer: became, ...of }: Hold, dryRun: boolean): object {
  const { currency } = state.accounts.get(of.from)!;
  const isDry = dryRun && !state.stood.has(name);
  return {
    name: isDry ? null : name,
    status: of.status,
    from: of.from,
    to: of.to,
    memo: of.memo,
    amount: format(of.amount, currency),
    captured: format(of.captured, currency),
    transfer: became === null || (dryRun && !state.stood.has(became)) ? null : became,
  };
}
