// Many transfers at once: all or none, or each by itself with its outcome named.
import { type Fault, Refusal } from '../common/domain-error.js';
import { BulkRefused } from '../transactions/transactions.errors.js';
import { type Books } from './books.js';
import { type Deed, type Needs } from './deed.js';
import { type Made, type TransferDeed } from './transfer-deed.js';

export type BulkRow = TransferDeed | Refusal;
export type BulkMade = { readonly made: Made } | { readonly refusal: Refusal };

export class BulkDeed implements Deed<{ readonly rows: readonly BulkMade[] }> {
  readonly weight: number;
  readonly needs: Needs;

  constructor(
    private readonly rows: readonly BulkRow[],
    private readonly isAtomic: boolean,
  ) {
    const deeds = rows.filter((row): row is TransferDeed => !(row instanceof Refusal));
    this.weight = rows.length;
    this.needs = {
      accounts: deeds.flatMap(({ needs }) => needs.accounts),
      transfers: deeds.flatMap(({ needs }) => needs.transfers ?? []),
      newTransfers: deeds.flatMap(({ needs }) => needs.newTransfers ?? []),
    };
  }

  /** In their order, each on the books as those before left them. @throws BulkRefused when atomic and any is refused, with the reasons of every one */
  perform(books: Books): () => { readonly rows: readonly BulkMade[] } {
    const rows = this.rows.map((row) => outcomeOf(row, books));
    if (this.isAtomic) refuseAny(rows.map((row) => ('refusal' in row ? row.refusal : undefined)));
    return () => ({ rows: rows.map((row) => ('refusal' in row ? row : { made: row.made() })) });
  }
}

function outcomeOf(row: BulkRow, books: Books): { made: () => Made } | { refusal: Refusal } {
  if (row instanceof Refusal) return { refusal: row };
  try {
    return { made: books.attempt(() => row.perform(books)) };
  } catch (error) {
    if (error instanceof Refusal) return { refusal: error };
    throw error;
  }
}

function refuseAny(refusals: readonly (Refusal | undefined)[]): void {
  const faults = refusals.flatMap((refusal, index): Fault[] => {
    if (refusal === undefined) return [];
    return refusal.faults.length > 0
      ? [...refusal.faults]
      : [{ pointer: `/transfers/${index}`, detail: `${refusal.code}: ${refusal.message}` }];
  });
  if (faults.length > 0) throw new BulkRefused(refusals.filter((refusal) => refusal !== undefined).length, faults);
}
