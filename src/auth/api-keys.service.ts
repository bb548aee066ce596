// Makes, finds and revokes keys.
import { Injectable } from '@nestjs/common';
import { Clock, type Instant } from '../common/clock.js';
import { type ApiKeyId, IdSource, parseId } from '../common/ids.js';
import { type Owner } from '../common/owner.js';
import { Database } from '../database/database.js';
import { type Reader } from '../database/reader.js';
import { ofEveryOwner, type Scope } from '../database/scope.js';
import { type Transaction } from '../database/transaction.js';
import { readCursor, writeCursor } from '../http/cursor.js';
import { type Page, PAGE_LIMIT_DEFAULT, type PageQuery, pageOf } from '../http/page.dto.js';
import { type ApiKey } from './api-key.entity.js';
import { apiKeyView, type ApiKeyView } from './api-keys.dto.js';
import { ApiKeyNotFound, KeyUnknown } from './auth.errors.js';
import { ApiKeysRepository } from './api-keys.repository.js';
import { hashOfKey, isKey, makeKey, previewOf } from './key-secret.js';
import { KnownKeys, type ValidKey } from './known-keys.js';
import { type KeyHolder, type KeyScope } from './principal.js';

const EVERY_KEY = ofEveryOwner('keys belong to the installation');
const LISTED = { list: 'keys' };

export interface KeyRequest {
  readonly name: string;
  readonly scope: KeyScope;
  readonly owner?: Owner;
  readonly expiresAt?: Instant;
}

/** The key itself, which is shown this once, and what is kept of it. */
export interface NewKey {
  readonly key: string;
  readonly apiKey: ApiKey;
}

@Injectable()
export class ApiKeysService {
  private readonly known: KnownKeys;

  constructor(
    private readonly database: Database,
    private readonly repository: ApiKeysRepository,
    private readonly clock: Clock,
    private readonly ids: IdSource,
  ) {
    this.known = new KnownKeys((hash) => this.lookUp(hash));
  }

  /** @throws KeyUnknown for a key that is unknown, expired or revoked. */
  async authenticate(key: string): Promise<KeyHolder> {
    const valid = isKey(key) ? await this.known.find(hashOfKey(key)) : undefined;
    if (valid === undefined) throw new KeyUnknown();
    if (valid.expiresAt !== null && valid.expiresAt <= this.clock.now()) throw new KeyUnknown();
    return valid.holder;
  }

  /** Whether this process has ever found it valid: then it is no guess. */
  wasValid(key: string): boolean {
    return isKey(key) && this.known.wasValid(hashOfKey(key));
  }

  create(request: KeyRequest, leave: Scope = EVERY_KEY): Promise<NewKey> {
    return this.database.transact(leave, (tx) => this.createIn(tx, request));
  }

  /** As create, within a transaction that keeps more than the key. */
  async createIn(tx: Transaction, request: KeyRequest): Promise<NewKey> {
    const { key, hash, preview } = makeKey();
    return { key, apiKey: await this.register(tx, request, hash, preview) };
  }

  /** Makes sure that the store knows a key that was made elsewhere, such as the developer's key file. */
  async adopt(key: string, request: KeyRequest): Promise<void> {
    const hash = hashOfKey(key);
    await this.database.transact(EVERY_KEY, async (tx) => {
      const there = await this.repository.findByHash(tx, hash);
      if (there === undefined) await this.register(tx, request, hash, previewOf(key));
    });
    this.known.forget(hash);
  }

  async list({ limit = PAGE_LIMIT_DEFAULT, cursor }: PageQuery): Promise<Page<ApiKeyView>> {
    const [after] = cursor === undefined ? [] : readCursor(cursor, LISTED, [(text) => parseId('apiKey', text)]);
    return this.database.read(EVERY_KEY, async (reader) => {
      const keys = await this.repository.list(reader, after, limit + 1);
      const uses = await this.repository.lastUses(
        reader,
        keys.map(({ id }) => id),
      );
      return pageOf(
        keys,
        limit,
        (key) => apiKeyView(key, uses.get(key.id)),
        ({ id }) => writeCursor([id], LISTED),
      );
    });
  }

  /** @throws ApiKeyNotFound */
  get(id: ApiKeyId): Promise<ApiKeyView> {
    return this.database.read(EVERY_KEY, async (reader) => this.view(reader, await this.findOne(reader, id)));
  }

  /** Revoking twice keeps the first moment. @throws ApiKeyNotFound */
  async revoke(id: ApiKeyId, leave: Scope = EVERY_KEY): Promise<ApiKeyView> {
    const { view, hash } = await this.database.transact(leave, async (tx) => {
      await this.repository.revoke(tx, id, this.clock.now());
      const revoked = await this.findOne(tx, id);
      return { view: await this.view(tx, revoked), hash: revoked.hash };
    });
    this.known.forget(hash);
    return view;
  }

  private async findOne(reader: Reader, id: ApiKeyId): Promise<ApiKey> {
    const key = await this.repository.find(reader, id);
    if (key === null) throw new ApiKeyNotFound(id);
    return key;
  }

  private async view(reader: Reader, key: ApiKey): Promise<ApiKeyView> {
    return apiKeyView(key, (await this.repository.lastUses(reader, [key.id])).get(key.id));
  }

  private async lookUp(hash: string): Promise<ValidKey | undefined> {
    const found = await this.database.read(EVERY_KEY, (reader) => this.repository.findByHash(reader, hash));
    if (found === undefined || found.revokedAt !== null) return undefined;
    const holder = { keyId: found.id, scope: found.scope, owner: found.boundOwner ?? undefined };
    return { holder, expiresAt: found.expiresAt };
  }

  private async register(tx: Transaction, request: KeyRequest, hash: string, preview: string): Promise<ApiKey> {
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
    await this.repository.insert(tx, apiKey);
    return apiKey;
  }
}
