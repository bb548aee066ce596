// What all book accounts hold together: nothing, in every currency.
import { Injectable } from '@nestjs/common';
import { OwnerForbidden } from '../auth/auth.errors.js';
import { type Principal } from '../auth/principal.js';
import { formatAmount } from '../common/amount.js';
import { Currencies, type Currency } from '../common/currency.js';
import { Database } from '../database/database.js';
import { sql } from '../database/sql.js';
import { type TrialBalance, type TrialBalanceRow } from './trial-balance.dto.js';

@Injectable()
export class TrialBalanceService {
  constructor(
    private readonly database: Database,
    private readonly currencies: Currencies,
  ) {}

  /** One owner's accounts need not sum to zero. Tried in this order: owner_forbidden. */
  async of(caller: Principal): Promise<TrialBalance> {
    if (caller.owner !== undefined) throw new OwnerForbidden();
    const rows = await this.database.read(caller.leave, (reader) => {
      const { sum } = reader.words;
      const sums = sql`COUNT(*), ${sum('CASE WHEN a.ledger > 0 THEN a.ledger ELSE 0 END')}, ${sum('CASE WHEN a.ledger < 0 THEN a.ledger ELSE 0 END')}, ${sum('a.held')}`;
      return reader.scan(
        sql`SELECT a.currency, ${sums} FROM accounts a WHERE ${reader.owned('a')} AND a.kind = 'book' GROUP BY a.currency ORDER BY a.currency`,
        { currency: 'text', accounts: 'number', credit: 'sum', debit: 'sum', held: 'sum' },
      );
    });
    return { data: rows.map((row) => this.row(row)) };
  }

  private row({ currency, accounts, credit, debit, held }: Sums): TrialBalanceRow {
    const text = (amount: bigint): string => formatAmount(amount, this.currencies.exponentOf(currency as Currency));
    return {
      currency,
      accounts,
      credit: text(credit),
      debit: text(debit),
      sum: text(credit + debit),
      held: text(held),
      isBalanced: credit + debit === 0n,
    };
  }
}

interface Sums {
  readonly currency: string;
  readonly accounts: number;
  readonly credit: bigint;
  readonly debit: bigint;
  readonly held: bigint;
}
