// Makes, finds and revokes keys.
import { Injectable } from '@nestjs/common';
import { Clock, type Instant } from '../common/clock.js';
import { type ApiKeyId, IdSource } from '../common/ids.js';
import { type Owner } from '../common/owner.js';
import { Database } from '../database/database.js';
import { ofEveryOwner } from '../database/scope.js';
import { type ApiKey } from './api-key.entity.js';
import { ApiKeyNotFound, KeyUnknown } from './auth.errors.js';
import { ApiKeysRepository } from './api-keys.repository.js';
import { hashOfKey, isKey, makeKey } from './key-secret.js';
import { type KeyHolder, type KeyScope } from './principal.js';

const EVERY_KEY = ofEveryOwner('keys belong to the installation');

/** How long a key that was found is taken for still valid: a revoked one is refused everywhere within this time. */
const KNOWN_MS = 1_000;
const KNOWN_MAX = 10_000;

interface Known {
  readonly holder: KeyHolder;
  readonly expiresAt: Instant | null;
  readonly until: number;
}

export interface KeyRequest {
  readonly name: string;
  readonly scope: KeyScope;
  readonly owner?: Owner;
  readonly expiresAt?: Instant;
}

@Injectable()
export class ApiKeysService {
  private readonly known = new Map<string, Known>();

  constructor(
    private readonly database: Database,
    private readonly repository: ApiKeysRepository,
    private readonly clock: Clock,
    private readonly ids: IdSource,
  ) {}

  /** @throws KeyUnknown for a key that is unknown, expired or revoked. */
  async authenticate(key: string): Promise<KeyHolder> {
    if (!isKey(key)) throw new KeyUnknown();
    const hash = hashOfKey(key);
    const known = this.known.get(hash) ?? (await this.lookUp(hash));
    if (known.expiresAt !== null && known.expiresAt <= this.clock.now()) throw new KeyUnknown();
    if (known.until <= performance.now()) {
      this.known.delete(hash);
      return this.authenticate(key);
    }
    return known.holder;
  }

  /** Answers the key itself, which is shown this once. */
  async create(request: KeyRequest): Promise<{ key: string; apiKey: ApiKey }> {
    const { key, hash, preview } = makeKey();
    return { key, apiKey: await this.register(request, hash, preview) };
  }

  /** Makes sure that the store knows a key that was made elsewhere, such as the developer's key file. */
  async adopt(key: string, request: KeyRequest): Promise<void> {
    const hash = hashOfKey(key);
    const there = await this.database.read(EVERY_KEY, (reader) => this.repository.findByHash(reader, hash));
    if (there === null) await this.register(request, hash, key.slice(0, 10));
  }

  list(): Promise<ApiKey[]> {
    return this.database.read(EVERY_KEY, (reader) => this.repository.list(reader));
  }

  /** Revoking twice keeps the first moment. @throws ApiKeyNotFound */
  async revoke(id: ApiKeyId): Promise<ApiKey> {
    const revoked = await this.database.transact(EVERY_KEY, async (tx) => {
      await this.repository.revoke(tx, id, this.clock.now());
      return this.repository.find(tx, id);
    });
    if (revoked === null) throw new ApiKeyNotFound(id);
    this.known.delete(revoked.hash);
    return revoked;
  }

  private async lookUp(hash: string): Promise<Known> {
    const found = await this.database.read(EVERY_KEY, (reader) => this.repository.findByHash(reader, hash));
    if (found === null || found.revokedAt !== null) throw new KeyUnknown();
    const holder = { keyId: found.id, scope: found.scope, owner: found.boundOwner ?? undefined };
    const known: Known = { holder, expiresAt: found.expiresAt, until: performance.now() + KNOWN_MS };
    if (this.known.size >= KNOWN_MAX) this.known.clear();
    this.known.set(hash, known);
    return known;
  }

  private async register(request: KeyRequest, hash: string, preview: string): Promise<ApiKey> {
    const apiKey: ApiKey = {
      id: this.ids.next('apiKey'),
      name: request.name,
      hash,
      preview,
      scope: request.scope,
      boundOwner: request.owner ?? null,
      createdAt: this.clock.now(),
      expiresAt: request.expiresAt ?? null,
      revokedAt: null,
    };
    await this.database.transact(EVERY_KEY, (tx) => this.repository.insert(tx, apiKey));
    return apiKey;
  }
}
