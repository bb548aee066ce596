// The parts that move money, put together without Nest: for commands.
import { AccountNumbers } from '../../accounts/account-numbers.js';
import { AccountsRepository } from '../../accounts/accounts.repository.js';
import { OwnerChange } from '../../accounts/owner-change.js';
import { KeptAnswers } from '../../changes/kept-answers.js';
import { Recorder } from '../../changes/recorder.js';
import { SystemClock } from '../../common/clock.js';
import { Currencies } from '../../common/currency.js';
import { UuidV7Source } from '../../common/ids.js';
import { type Settings } from '../../config/settings.js';
import { openDatabase } from '../../database/standalone.js';
import { ENTITIES } from '../../entities.js';
import { PostingService } from '../../transactions/posting.service.js';
import { TransactionsRepository } from '../../transactions/transactions.repository.js';
import { Batches } from '../../transfers/batches.js';
import { HoldsRepository } from '../../transfers/holds.repository.js';
import { LedgerVerification } from '../../transfers/ledger-verification.js';
import { SystemAccountsService } from '../../transfers/system-accounts.service.js';
import { TransfersRepository } from '../../transfers/transfers.repository.js';

export interface OpenLedger {
  readonly systemAccounts: SystemAccountsService;
  readonly verification: LedgerVerification;
  readonly transfers: TransfersRepository;
  readonly database: Awaited<ReturnType<typeof openDatabase>>['database'];
  close(): Promise<void>;
}

/** @param serves whether it writes: then no server may have a SQLite store meanwhile */
export async function openLedger(settings: Settings, serves: boolean): Promise<OpenLedger> {
  const { database, close } = await openDatabase(settings, ENTITIES, { serves });
  const clock = new SystemClock();
  const ids = new UuidV7Source(clock);
  new Recorder(clock, ids).attach(database);
  const accounts = new AccountsRepository();
  const lines = new TransactionsRepository();
  const transfers = new TransfersRepository();
  const posting = new PostingService(lines, new OwnerChange());
  const answers = new KeptAnswers(clock);
  const batches = new Batches(database, answers, accounts, posting, transfers, new HoldsRepository(), clock, ids);
  const numbers = new AccountNumbers(settings);
  const currencies = new Currencies(settings.privateCurrencies);
  return {
    systemAccounts: new SystemAccountsService(database, batches, accounts, transfers, numbers, currencies, clock, ids),
    verification: new LedgerVerification(database, transfers, lines),
    transfers,
    database,
    close,
  };
}
