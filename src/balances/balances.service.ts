// What accounts hold: stated, kept as history, and carried on the account's row.
import { Injectable } from '@nestjs/common';
import { type Account } from '../accounts/account.entity.js';
import { AccountNotManual } from '../accounts/accounts.errors.js';
import { AccountsService, amountOf, refuseClosed } from '../accounts/accounts.service.js';
import { type LockedAccount } from '../accounts/locked-account.js';
import { OwnerChange } from '../accounts/owner-change.js';
import { type Principal } from '../auth/principal.js';
import { Once } from '../changes/once.js';
import { type Amount } from '../common/amount.js';
import { Clock, type Instant, parseInstant } from '../common/clock.js';
import { Currencies, type Currency } from '../common/currency.js';
import { type AccountId, IdSource, parseId } from '../common/ids.js';
import { Database } from '../database/database.js';
import { type Reader } from '../database/reader.js';
import { ownerOf } from '../database/scope.js';
import { type Transaction } from '../database/transaction.js';
import { readCursor, writeCursor } from '../http/cursor.js';
import { type Page, PAGE_LIMIT_DEFAULT, pageOf } from '../http/page.dto.js';
import { type Balance, type BalanceSource } from './balance.entity.js';
import {
  type BalanceHistoryQuery,
  type BalanceView,
  type LatestBalancesQuery,
  type StateBalanceRequest,
} from './balances.dto.js';
import { BalanceAlreadyStated, BalanceEmpty, BalanceInFuture, BalanceUnknown } from './balances.errors.js';
import { BalancesRepository, carriedBy, type ShownBalance } from './balances.repository.js';
import { balanceView } from './balances.view.js';
import { PastLedgers } from './past-ledgers.js';

/** What a source says an account holds. At least one amount is known. */
export interface Statement {
  readonly available: Amount | null;
  readonly ledger: Amount | null;
  readonly asOf: Instant;
  readonly source: BalanceSource;
  readonly raw: string | null;
}

@Injectable()
export class BalancesService {
  constructor(
    private readonly database: Database,
    private readonly once: Once,
    private readonly accounts: AccountsService,
    private readonly repository: BalancesRepository,
    private readonly pastLedgers: PastLedgers,
    private readonly currencies: Currencies,
    private readonly clock: Clock,
    private readonly ids: IdSource,
    ownerChange: OwnerChange,
  ) {
    ownerChange.alsoHandOver((tx, locked, owner) => this.repository.handOver(tx, locked.heldBy(tx).id, owner));
  }

  /** Tried in this order: account_not_found, account_not_manual, account_closed, balance_empty, balance_in_future, amount_invalid, balance_already_stated. */
  async stateByHand(caller: Principal, accountId: AccountId, request: StateBalanceRequest): Promise<BalanceView> {
    return this.once.perform(caller, async (tx) => {
      const now = this.clock.now();
      const [locked] = await this.accounts.lock(tx, [accountId]);
      const account = locked!.heldBy(tx);
      if (account.kind !== 'manual') throw new AccountNotManual('The balance of this account comes from elsewhere.');
      refuseClosed(account);
      const exponent = this.currencies.exponentOf(account.currency);
      const { available, ledger, asOf = now } = request;
      if (available === undefined && ledger === undefined) throw new BalanceEmpty();
      if (asOf > now)
        throw new BalanceInFuture('The moment lies in the future.', {
          faults: [{ pointer: '/asOf', detail: 'must not lie in the future' }],
        });
      const stated = await this.state(tx, locked!, {
        available: available === undefined ? null : amountOf(available, exponent, '/available'),
        ledger: ledger === undefined ? null : amountOf(ledger, exponent, '/ledger'),
        asOf,
        source: 'stated',
        raw: null,
      });
      return this.view({ ...stated, currency: account.currency });
    });
  }

  /**
   * Keeps a statement as history, and as the account's latest balance unless a newer one is known. Saying the same again changes nothing.
   * @throws BalanceAlreadyStated when another balance stands for that moment
   */
  async state(tx: Transaction, locked: LockedAccount, statement: Statement): Promise<Balance> {
    const account = locked.heldBy(tx);
    const there = await this.repository.findAt(tx, account.id, statement.asOf);
    if (there !== null) {
      if (there.available === statement.available && there.ledger === statement.ledger) return there;
      throw new BalanceAlreadyStated(`Another balance stands for ${statement.asOf}.`);
    }
    const balance: Balance = {
      id: this.ids.next('balance'),
      owner: account.owner,
      accountId: account.id,
      ...statement,
      createdAt: this.clock.now(),
    };
    await this.repository.insert(tx, balance);
    if (account.balanceAsOf === null || account.balanceAsOf < balance.asOf)
      await this.repository.carryOnAccount(tx, account, balance, this.clock.now());
    return balance;
  }

  /** As state, but what a source says later of the same moment replaces what it said before: a bank asked twice within a millisecond. */
  async restate(tx: Transaction, locked: LockedAccount, statement: Statement): Promise<void> {
    const account = locked.heldBy(tx);
    const there = await this.repository.findAt(tx, account.id, statement.asOf);
    if (there === null) {
      await this.state(tx, locked, statement);
      return;
    }
    const { available, ledger, raw } = statement;
    if (there.available === available && there.ledger === ledger && there.raw === raw) return;
    const balance: Balance = { ...there, ...statement };
    await this.repository.replace(tx, balance);
    if (account.balanceId === balance.id) await this.repository.carryOnAccount(tx, account, balance, this.clock.now());
  }

  /** Tried in this order: cursor_invalid, account_not_found. */
  async history(caller: Principal, accountId: AccountId, query: BalanceHistoryQuery): Promise<Page<BalanceView>> {
    const { limit = PAGE_LIMIT_DEFAULT, cursor, ...span } = query;
    const bound = { list: 'balances', accountId, ...span };
    const [before] = cursor === undefined ? [] : readCursor(cursor, bound, [parseInstant]);
    const { account, rows } = await this.database.read(caller.leave, async (reader) => ({
      account: await this.accounts.findOne(reader, accountId),
      rows: await this.repository.history(reader, accountId, span, before, limit + 1),
    }));
    const view = (balance: Balance): BalanceView => this.view({ ...balance, currency: account.currency });
    return pageOf(rows, limit, view, (last) => writeCursor([last.asOf], bound));
  }

  /** One account's balance, the latest or as it was known to be at a moment. Tried in this order: account_not_found, balance_unknown. */
  async of(caller: Principal, accountId: AccountId, at: Instant | undefined): Promise<BalanceView> {
    return this.database.read(caller.leave, async (reader) => {
      const account = await this.accounts.findOne(reader, accountId);
      if (at === undefined) return this.view(knownOf(account));
      const [known] =
        account.kind !== 'book'
          ? await this.repository.latestAt(reader, at, { only: accountId }, 1)
          : await this.booksAt(reader, at, account.createdAt > at ? [] : [account]);
      if (known === undefined) throw new BalanceUnknown(`No balance of ${accountId} was known at ${at}.`);
      return this.view(known);
    });
  }

  /** Of every account of which one is known, in the order of the accounts' ids. Tried in this order: owner_forbidden, cursor_invalid. */
  async latest(caller: Principal, query: LatestBalancesQuery): Promise<Page<BalanceView>> {
    const { limit = PAGE_LIMIT_DEFAULT, cursor, owner, at } = query;
    const leave = caller.narrowedTo(owner);
    const bound = { list: 'latest balances', owner: ownerOf(leave), at };
    const [after] = cursor === undefined ? [] : readCursor(cursor, bound, [(text) => parseId('account', text)]);
    const rows = await this.database.read(leave, (reader) =>
      at === undefined ? this.repository.latest(reader, after, limit + 1) : this.allAt(reader, at, after, limit + 1),
    );
    return pageOf(
      rows,
      limit,
      (shown) => this.view(shown),
      (last) => writeCursor([last.accountId], bound),
    );
  }

  /** Those that were stated and those of book accounts, in one order. */
  private async allAt(
    reader: Reader,
    at: Instant,
    after: AccountId | undefined,
    limit: number,
  ): Promise<ShownBalance[]> {
    const stated = await this.repository.latestAt(reader, at, after === undefined ? {} : { after }, limit);
    const books = await this.booksAt(reader, at, await this.repository.booksAt(reader, at, after, limit));
    return [...stated, ...books].sort((one, other) => (one.accountId < other.accountId ? -1 : 1)).slice(0, limit);
  }

  /** What is set aside is not kept as history, and so not what could be spent. */
  private async booksAt(reader: Reader, at: Instant, accounts: readonly Account[]): Promise<ShownBalance[]> {
    const ids = accounts.map(({ id }) => id);
    const ledgers = ids.length === 0 ? new Map<AccountId, Amount>() : await this.pastLedgers.at(reader, ids, at);
    return accounts.map(({ id, currency }) => {
      const ledger = ledgers.get(id) ?? (0n as Amount);
      return { id: null, accountId: id, available: null, ledger, currency, asOf: at };
    });
  }

  private view(shown: ShownBalance): BalanceView {
    return balanceView(shown, this.currencies.exponentOf(shown.currency as Currency));
  }
}

function knownOf(account: Account): ShownBalance {
  const carried = carriedBy(account);
  if (carried.asOf === null) throw new BalanceUnknown(`No balance of ${account.id} is known yet.`);
  return carried;
}
