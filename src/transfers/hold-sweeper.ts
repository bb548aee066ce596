// Lets go of what nobody captured in time. Whoever moves money on such an account does it first; this is for accounts that nobody moves.
import { Injectable, Logger, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import { Clock } from '../common/clock.js';
import { Database } from '../database/database.js';
import { ofEveryOwner } from '../database/scope.js';
import { Batches } from './batches.js';
import { type Deed } from './deed.js';
import { HoldsRepository } from './holds.repository.js';

const ALL_HOLDS = ofEveryOwner('holds end by the hour, whosever they are');
const EVERY_MS = 1_000;
const BATCH = 200;

@Injectable()
export class HoldSweeper implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly log = new Logger('Holds');
  private timer: NodeJS.Timeout | undefined;
  private sweeping: Promise<void> | undefined;

  constructor(
    private readonly database: Database,
    private readonly batches: Batches,
    private readonly holds: HoldsRepository,
    private readonly clock: Clock,
  ) {}

  onApplicationBootstrap(): void {
    this.timer = setInterval(() => {
      this.sweeping ??= this.sweepQuietly().finally(() => (this.sweeping = undefined));
    }, EVERY_MS).unref();
  }

  async onModuleDestroy(): Promise<void> {
    clearInterval(this.timer);
    await this.sweeping;
  }

  /** Several processes may do so at once: a hold ends under its account's lock, and ends once. */
  async sweep(): Promise<void> {
    const now = this.clock.now();
    const accounts = await this.database.read(ALL_HOLDS, (reader) =>
      this.holds.accountsWithExpired(reader, now, BATCH),
    );
    if (accounts.length > 0) await this.batches.do(NOBODY, touching(accounts), (nothing) => nothing);
  }

  private async sweepQuietly(): Promise<void> {
    try {
      await this.sweep();
    } catch (error) {
      this.log.warn(`Holds past their time were not let go this time: ${error instanceof Error ? error.message : ''}`);
    }
  }
}

const NOBODY = { owner: undefined, keyId: 'passbook' };

/** A deed that does nothing: what is past its time on an account is let go before any deed on it. */
function touching(accounts: readonly string[]): Deed {
  return { needs: { accounts }, weight: 1, perform: () => () => ({}) };
}
