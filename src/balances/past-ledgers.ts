// What book accounts held in the past. Their lines know it, on a floor above, which registers itself here; balances/ knows none of them.
import { Injectable } from '@nestjs/common';
import { type Amount } from '../common/amount.js';
import { type Instant } from '../common/clock.js';
import { type AccountId } from '../common/ids.js';
import { type Reader } from '../database/reader.js';

/** The ledgers of book accounts at a moment. Accounts without a line until then are left out: they held nothing. */
export type LedgersAt = (
  reader: Reader,
  accountIds: readonly AccountId[],
  at: Instant,
) => Promise<Map<AccountId, Amount>>;

@Injectable()
export class PastLedgers {
  private known: LedgersAt | undefined;

  answeredBy(ledgersAt: LedgersAt): void {
    this.known = ledgersAt;
  }

  async at(reader: Reader, accountIds: readonly AccountId[], at: Instant): Promise<Map<AccountId, Amount>> {
    if (this.known === undefined) throw new Error('Nobody tells what book accounts held in the past.');
    return this.known(reader, accountIds, at);
  }
}
