// Many lines at once: all or none, or each by itself with its outcome named.
import { Injectable } from '@nestjs/common';
import { AccountsService, refuseClosed } from '../accounts/accounts.service.js';
import { type LockedAccount } from '../accounts/locked-account.js';
import { type Principal } from '../auth/principal.js';
import { Once } from '../changes/once.js';
import { type Fault, Refusal } from '../common/domain-error.js';
import { type TransactionId } from '../common/ids.js';
import { type Transaction } from '../database/transaction.js';
import { problemOf } from '../http/problem.js';
import { readRow } from '../http/read-row.js';
import { type AccountTransaction } from './account-transaction.entity.js';
import { type AskedLine, type Judged, ManualLines, refuseNotManual } from './manual-lines.js';
import { PostingService } from './posting.service.js';
import {
  type BulkCreateRequest,
  type BulkDeleteRequest,
  type BulkMode,
  type BulkOutcome,
  type BulkResult,
  NewTransactionRequest,
} from './transactions.dto.js';
import { BulkRefused, TransactionNotFound } from './transactions.errors.js';
import { TransactionsRepository } from './transactions.repository.js';
import { TransactionsService } from './transactions.service.js';

/** A thousand rows of nothing but faults must not make an answer of megabytes. */
const FAULTS_OF_ROW_MAX = 5;

@Injectable()
export class BulkTransactionsService {
  constructor(
    private readonly once: Once,
    private readonly accounts: AccountsService,
    private readonly transactions: TransactionsService,
    private readonly repository: TransactionsRepository,
    private readonly posting: PostingService,
    private readonly manualLines: ManualLines,
  ) {}

  /** @throws BulkRefused when atomic and any row is refused, with every refused row's reasons. */
  async create(caller: Principal, { mode, transactions }: BulkCreateRequest): Promise<BulkResult> {
    const read = transactions.map((row, index) => readLine(row, `/transactions/${index}`));
    const asked = read.filter((row): row is AskedLine => !('refusal' in row));
    return this.once.perform(caller, async (tx) => {
      const accounts = await this.accounts.lockFound(
        tx,
        asked.map(({ request }) => request.accountId),
      );
      const verdicts = (await this.manualLines.judge(tx, accounts, asked)).values();
      const all = read.map((row): Judged => ('refusal' in row ? row : verdicts.next().value!));
      refuseIfAtomic(mode, all, '/transactions');
      await this.posting.post(
        tx,
        accounts,
        all.flatMap((one) => ('line' in one ? [one.line] : [])),
      );
      return resultOf(all, (line, index) => ({
        index,
        outcome: 'created',
        transaction: this.transactions.view(line),
      }));
    });
  }

  /** @throws BulkRefused when atomic and any row is refused. */
  async delete(caller: Principal, { mode, ids }: BulkDeleteRequest): Promise<BulkResult> {
    return this.once.perform(caller, async (tx) => {
      const places = await this.repository.findAll(tx, ids);
      const accounts = await this.accounts.lockFound(
        tx,
        places.map((line) => line.accountId),
      );
      const all = await this.judgeDeletion(tx, accounts, ids);
      refuseIfAtomic(mode, all, '/ids');
      await this.posting.erase(
        tx,
        accounts,
        all.flatMap((one) => ('line' in one ? [one.line] : [])),
      );
      return resultOf(all, (line, index) => ({ index, outcome: 'deleted', id: line.id }));
    });
  }

  /** Under the locks, so that what is judged is what is erased. An id that comes twice is found the first time only. */
  private async judgeDeletion(
    tx: Transaction,
    accounts: readonly LockedAccount[],
    ids: readonly TransactionId[],
  ): Promise<Judged[]> {
    const lines = new Map((await this.repository.findAll(tx, ids)).map((line) => [line.id, line]));
    const byAccount = new Map(accounts.map(({ account }) => [account.id, account]));
    return ids.map((id) => {
      const line = lines.get(id);
      const account = line === undefined ? undefined : byAccount.get(line.accountId);
      if (line === undefined || account === undefined) return { refusal: new TransactionNotFound(id) };
      lines.delete(id);
      return judge(() => {
        refuseNotManual(account);
        refuseClosed(account);
        return line;
      });
    });
  }
}

function judge(line: () => AccountTransaction): Judged {
  try {
    return { line: line() };
  } catch (error) {
    if (error instanceof Refusal) return { refusal: error };
    throw error;
  }
}

function readLine(row: unknown, pointer: string): AskedLine | { refusal: Refusal } {
  try {
    return { request: readRow(NewTransactionRequest, row, pointer), pointer };
  } catch (error) {
    if (error instanceof Refusal) return { refusal: error };
    throw error;
  }
}

function refuseIfAtomic(mode: BulkMode, judged: readonly Judged[], list: string): void {
  if (mode !== 'atomic') return;
  const faults = judged.flatMap((one, index): Fault[] => {
    if (!('refusal' in one)) return [];
    return one.refusal.faults.length > 0
      ? [...one.refusal.faults]
      : [{ pointer: `${list}/${index}`, detail: `${one.refusal.code}: ${one.refusal.message}` }];
  });
  if (faults.length > 0) throw new BulkRefused(judged.filter((one) => 'refusal' in one).length, faults);
}

function resultOf(
  judged: readonly Judged[],
  done: (line: AccountTransaction, index: number) => BulkOutcome,
): BulkResult {
  const data = judged.map((one, index): BulkOutcome =>
    'line' in one
      ? done(one.line, index)
      : { index, outcome: 'refused', problem: problemOf(one.refusal, FAULTS_OF_ROW_MAX) },
  );
  const refused = data.filter((outcome) => outcome.outcome === 'refused').length;
  return { succeeded: data.length - refused, refused, data };
}
