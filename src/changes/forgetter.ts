// Takes kept answers away once nobody may ask for them any more. Several processes may do so at once.
import { Injectable, Logger, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import { Clock, epochMsOf, instantOf } from '../common/clock.js';
import { Settings } from '../config/settings.js';
import { Database } from '../database/database.js';
import { ofEveryOwner } from '../database/scope.js';
import { KeptAnswers } from './kept-answers.js';

const ALL_KEYS = ofEveryOwner('answers are forgotten by age, whoever got them');
const HOUR_MS = 3_600_000;
const EVERY_MS = HOUR_MS / 4;
const BATCH = 500;

@Injectable()
export class Forgetter implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly log = new Logger('Changes');
  private timer: NodeJS.Timeout | undefined;
  private stopping = false;

  constructor(
    private readonly database: Database,
    private readonly answers: KeptAnswers,
    private readonly clock: Clock,
    private readonly settings: Settings,
  ) {}

  onApplicationBootstrap(): void {
    this.timer = setInterval(() => void this.forgetQuietly(), EVERY_MS).unref();
  }

  onModuleDestroy(): void {
    this.stopping = true;
    clearInterval(this.timer);
  }

  /** Answers how many were forgotten. */
  async forgetOld(): Promise<number> {
    const before = instantOf(epochMsOf(this.clock.now()) - this.settings.idempotencyKeepHours * HOUR_MS);
    let forgotten = 0;
    for (let last = BATCH; last === BATCH && !this.stopping; forgotten += last)
      last = await this.database.transact(ALL_KEYS, (tx) => this.answers.forget(tx, before, BATCH));
    return forgotten;
  }

  private async forgetQuietly(): Promise<void> {
    try {
      await this.forgetOld();
    } catch (error) {
      this.log.warn(`Old idempotency keys were not removed this time: ${error instanceof Error ? error.message : ''}`);
    }
  }
}
