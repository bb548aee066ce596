// Gives transfers their places in the chain, their moments and their lines' ids: all in one order, whichever process does it.
import { civilDateOf, type Instant } from '../common/clock.js';
import { type IdSource } from '../common/ids.js';
import { type AccountTransaction } from '../transactions/account-transaction.entity.js';
import { newLine } from '../transactions/line.js';
import { type Draft } from './books.js';
import { type ChainHead } from './chain-head.entity.js';
import { chained, type Entry, entryText } from './entry.js';
import { type Transfer } from './transfer.entity.js';

export interface SealedBatch {
  readonly head: ChainHead;
  readonly transfers: readonly Transfer[];
  readonly lines: readonly AccountTransaction[];
}

/** Seals drafts behind the head of the chain, whose row is locked. Places, moments and ids of lines go up together, whatever the clock says. */
export function seal(before: ChainHead, drafts: readonly Draft[], now: Instant, ids: IdSource): SealedBatch {
  if (before.lastLineId !== null) ids.passOver(before.lastLineId);
  const at = before.at !== null && before.at > now ? before.at : now;
  const date = civilDateOf(at);
  let { seq, hash, lastLineId } = before;
  const transfers: Transfer[] = [];
  const lines: AccountTransaction[] = [];
  for (const draft of drafts) {
    const lineIds = draft.lines.map(() => ids.next('transaction'));
    lastLineId = lineIds.at(-1)!;
    seq += 1n;
    const entry: Entry = {
      seq: String(seq),
      id: draft.id,
      at,
      kind: draft.kind,
      memo: draft.memo,
      metadata: draft.metadata,
      reverses: draft.reverses,
      hold: draft.hold,
      actor: draft.by.name,
      request: draft.by.requestId,
      lines: draft.lines.map(({ account, amount, balance }, index) => ({
        id: lineIds[index]!,
        account: account.id,
        currency: account.currency,
        amount: String(amount),
        balance: String(balance),
      })),
    };
    const text = entryText(entry);
    hash = chained(hash, text);
    draft.sealed = { entry, hash };
    const { id, kind, reverses, by } = draft;
    transfers.push({ id, seq, at, kind, reverses, actor: by.name, requestId: by.requestId, entry: text, hash });
    draft.lines.forEach(({ account, amount, balance }, index) => {
      const facts = {
        ...LINE_FACTS,
        date,
        amount,
        description: draft.memo ?? kind,
        type: kind,
        runningBalance: balance,
      };
      lines.push({ ...newLine(account, facts, { id: lineIds[index]!, source: 'transfer', now: at }), transferId: id });
    });
  }
  return { head: { ...before, seq, hash, at, lastLineId }, transfers, lines };
}

const LINE_FACTS = { counterparty: null, category: null, status: 'posted', externalId: null, raw: null } as const;
