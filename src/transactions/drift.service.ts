// Holds an account's lines against the balances that were stated of it.
import { Injectable } from '@nestjs/common';
import { AccountsService } from '../accounts/accounts.service.js';
import { type Principal } from '../auth/principal.js';
import { formatAmount } from '../common/amount.js';
import { Currencies } from '../common/currency.js';
import { type AccountId } from '../common/ids.js';
import { Database } from '../database/database.js';
import { type DriftView } from './drift.dto.js';
import { driftOf } from './drift.js';
import { DriftRepository } from './drift.repository.js';

@Injectable()
export class DriftService {
  constructor(
    private readonly database: Database,
    private readonly accounts: AccountsService,
    private readonly repository: DriftRepository,
    private readonly currencies: Currencies,
  ) {}

  /** @throws AccountNotFound */
  async of(caller: Principal, accountId: AccountId): Promise<DriftView> {
    const { account, told } = await this.database.read(caller.leave, async (reader) => ({
      account: await this.accounts.findOne(reader, accountId),
      told: await this.repository.told(reader, accountId),
    }));
    const { state, agreedUntil, firstDayOff, off, offNow, opening } = driftOf(told.days, told.stated);
    const exponent = this.currencies.exponentOf(account.currency);
    const shown = (sum: bigint | null): string | null => (sum === null ? null : formatAmount(sum, exponent));
    return {
      accountId,
      currency: account.currency,
      state,
      agreedUntil,
      firstDayOff,
      off: shown(off),
      offNow: shown(offNow),
      opening: shown(opening),
      statedBalances: told.stated.length,
    };
  }
}
