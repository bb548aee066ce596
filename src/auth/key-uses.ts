// When keys were last used: noted in memory, written together now and then. It is a help to people, so a store that fails loses some of it
// and no request.
import { Injectable, Logger, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { Clock, type Instant } from '../common/clock.js';
import { type ApiKeyId } from '../common/ids.js';
import { Database } from '../database/database.js';
import { ofEveryOwner } from '../database/scope.js';
import { ApiKeysRepository } from './api-keys.repository.js';

const EVERY_KEY = ofEveryOwner('keys belong to the installation');
const EVERY_MS = 60_000;

@Injectable()
export class KeyUses implements OnApplicationBootstrap, OnApplicationShutdown {
  private readonly log = new Logger('Keys');
  private noted = new Map<ApiKeyId, Instant>();
  private timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly database: Database,
    private readonly repository: ApiKeysRepository,
    private readonly clock: Clock,
  ) {}

  onApplicationBootstrap(): void {
    this.timer = setInterval(() => void this.write(), EVERY_MS).unref();
  }

  /** After the last request was answered, and before the store is closed. */
  async onApplicationShutdown(): Promise<void> {
    clearInterval(this.timer);
    await this.write();
  }

  note(key: ApiKeyId): void {
    this.noted.set(key, this.clock.now());
  }

  /** Never fails: what could not be written is tried again with the next. */
  async write(): Promise<void> {
    const { noted } = this;
    if (noted.size === 0) return;
    this.noted = new Map();
    const uses = [...noted].map(([keyId, lastUsedAt]) => ({ keyId, lastUsedAt }));
    try {
      await this.database.transact(EVERY_KEY, (tx) => this.repository.saveUses(tx, uses));
    } catch (error) {
      this.noted = new Map([...noted, ...this.noted]);
      this.log.warn(`When keys were last used was not written: ${error instanceof Error ? error.message : ''}`);
    }
  }
}
