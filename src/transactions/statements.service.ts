// What stood on a book account, what moved, and what stands: each found by a probe of the index, however long its history.
import { Injectable } from '@nestjs/common';
import { type Account } from '../accounts/account.entity.js';
import { AccountNotBook } from '../accounts/accounts.errors.js';
import { AccountsService } from '../accounts/accounts.service.js';
import { type Principal } from '../auth/principal.js';
import { formatAmount } from '../common/amount.js';
import { type CivilDate, parseCivilDate } from '../common/civil-date.js';
import { civilDateOf, Clock } from '../common/clock.js';
import { Currencies } from '../common/currency.js';
import { type AccountId, parseId, type TransactionId } from '../common/ids.js';
import { Database } from '../database/database.js';
import { type Reader } from '../database/reader.js';
import { readCursor, writeCursor } from '../http/cursor.js';
import { RequestInvalid } from '../http/http.errors.js';
import { PAGE_LIMIT_DEFAULT, pageOf } from '../http/page.dto.js';
import { type StatementQuery, type StatementView } from './statements.dto.js';
import { type Place, TransactionsRepository } from './transactions.repository.js';
import { transactionView } from './transactions.view.js';

/** Before and after every id that begins with letters. */
const FIRST_ID = '' as TransactionId;
const LAST_ID = '~' as TransactionId;

@Injectable()
export class StatementsService {
  constructor(
    private readonly database: Database,
    private readonly accounts: AccountsService,
    private readonly repository: TransactionsRepository,
    private readonly currencies: Currencies,
    private readonly clock: Clock,
  ) {}

  /** Over one view of the store, so that a page fits its balances. Tried in this order: account_not_found, account_not_book, cursor_invalid. */
  async of(caller: Principal, accountId: AccountId, query: StatementQuery): Promise<StatementView> {
    return this.database.snapshot(caller.leave, async (reader) => {
      const account = await this.accounts.findOne(reader, accountId);
      if (account.kind !== 'book') throw new AccountNotBook(accountId, account.kind);
      return this.statementOf(reader, account, query);
    });
  }

  private async statementOf(reader: Reader, account: Account, query: StatementQuery): Promise<StatementView> {
    const { limit = PAGE_LIMIT_DEFAULT, cursor } = query;
    const { from = civilDateOf(account.createdAt), to = civilDateOf(this.clock.now()) } = query;
    if (to < from) throw new RequestInvalid([{ pointer: '?to', detail: 'must not lie before from' }]);
    const { id: accountId, accountNumber, currency } = account;
    // As it was asked for: a page that is fetched after midnight goes on with the days that have come.
    const bound = { list: 'statement', accountId, from: query.from, to: query.to };
    const after = cursor === undefined ? undefined : placeIn(cursor, bound);
    const lines = await this.repository.list(reader, { accountId, from, to }, 'asc', after, limit + 1);
    const exponent = this.currencies.exponentOf(currency);
    const page = pageOf(
      lines,
      limit,
      (line) => transactionView(line, exponent),
      (last) => writeCursor([last.date, last.id], bound),
    );
    const [opening, closing] = [
      await this.ledgerAt(reader, accountId, { date: from, id: FIRST_ID }),
      await this.ledgerAt(reader, accountId, { date: to, id: LAST_ID }),
    ];
    return {
      accountId,
      accountNumber,
      currency,
      from,
      to,
      opening: formatAmount(opening, exponent),
      closing: formatAmount(closing, exponent),
      lines: page.data,
      nextCursor: page.nextCursor,
    };
  }

  private async ledgerAt(reader: Reader, accountId: AccountId, place: Place): Promise<bigint> {
    return (await this.repository.ledgersAt(reader, [accountId], place)).get(accountId) ?? 0n;
  }
}

function placeIn(cursor: string, bound: object): Place {
  const [date, id] = readCursor(cursor, bound, [parseCivilDate, (text) => parseId('transaction', text)]);
  return { date: date as CivilDate, id };
}
