// The audit log as one list, newest first, of what the record of changes and the chain of transfers tell.
import { type Change } from '../changes/change.entity.js';
import { ValueInvalid } from '../common/domain-error.js';
import { parseId } from '../common/ids.js';
import { type Transfer } from '../transfers/transfer.entity.js';

export function parseSeq(text: string): bigint {
  if (!/^\d{1,15}$/.test(text)) throw new ValueInvalid('must be a place in the chain');
  return BigInt(text);
}

/** Before the first change of all there is none. */
export function parseChangeId(text: string): string {
  return text === LAST_CHANGE ? text : parseId('change', text);
}

const LAST_CHANGE = '~';
const LAST_SEQ = '999999999999999';

export function newestFirst(changes: readonly Change[], transfers: readonly Transfer[]): (Change | Transfer)[] {
  const merged: (Change | Transfer)[] = [];
  for (let [c, t] = [0, 0]; c < changes.length || t < transfers.length;) {
    const [change, transfer] = [changes[c], transfers[t]];
    const isChange = transfer === undefined || (change !== undefined && change.at >= transfer.at);
    merged.push(isChange ? change! : transfer);
    if (isChange) c += 1;
    else t += 1;
  }
  return merged;
}

/** How far a page came in each of the two. */
export function endOf(
  shown: readonly (Change | Transfer)[],
  [changeBefore, seqBefore]: readonly [string, bigint] = [LAST_CHANGE, BigInt(LAST_SEQ)],
): [string, string] {
  const change = shown.findLast((one): one is Change => !('seq' in one))?.id ?? changeBefore;
  const seq = shown.findLast((one): one is Transfer => 'seq' in one)?.seq ?? seqBefore;
  return [change, String(seq)];
}
