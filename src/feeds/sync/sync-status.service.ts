// Looks up how the sync of an enrollment stands.
import { Injectable } from '@nestjs/common';
import { AccountsRepository } from '../../accounts/accounts.repository.js';
import { type Principal } from '../../auth/principal.js';
import { Clock } from '../../common/clock.js';
import { type EnrollmentId } from '../../common/ids.js';
import { Database } from '../../database/database.js';
import { TransactionsRepository } from '../../transactions/transactions.repository.js';
import { EnrollmentsRepository } from '../stored/enrollments.repository.js';
import { EnrollmentsService } from '../enrollments/enrollments.service.js';
import { isHeld } from '../turns/sync-due.js';
import { type SyncStatusView } from './sync-status.dto.js';
import { accountSyncStatusView, syncStatusView } from './sync-status.view.js';
import { SyncTurnsRepository } from '../turns/sync-turns.repository.js';

@Injectable()
export class SyncStatusService {
  constructor(
    private readonly database: Database,
    private readonly enrollments: EnrollmentsService,
    private readonly repository: EnrollmentsRepository,
    private readonly turns: SyncTurnsRepository,
    private readonly accounts: AccountsRepository,
    private readonly transactions: TransactionsRepository,
    private readonly clock: Clock,
  ) {}

  /** @throws EnrollmentNotFound */
  get(caller: Principal, id: EnrollmentId): Promise<SyncStatusView> {
    const now = this.clock.now();
    return this.database.read(caller.leave, async (reader) => {
      const enrollment = await this.enrollments.findOne(reader, id);
      const turn = await this.turns.find(reader, id);
      const isRunning = turn !== null && isHeld(turn, now);
      const accounts = await this.accounts.findByEnrollment(reader, id);
      const accountIds = accounts.map((account) => account.id);
      const positions = new Map(
        (await this.repository.findPositions(reader, accountIds)).map((position) => [position.accountId, position]),
      );
      const days = await this.transactions.daySpans(reader, accountIds);
      const views = accounts.flatMap((account) => {
        const position = positions.get(account.id);
        return position === undefined
          ? []
          : [accountSyncStatusView(account, position, days.get(account.id), isRunning, now)];
      });
      return syncStatusView(enrollment, turn, views, now);
    });
  }
}
