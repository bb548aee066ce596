// The rows of keys and of their uses. They belong to no owner: a key says for itself how far it reaches.
import { Injectable } from '@nestjs/common';
import { type Instant } from '../common/clock.js';
import { type ApiKeyId } from '../common/ids.js';
import { type Reader } from '../database/reader.js';
import { type Shape } from '../database/shape.js';
import { ownerless, sql, sqlText } from '../database/sql.js';
import { type Transaction } from '../database/transaction.js';
import { ApiKeyUse } from './api-key-use.entity.js';
import { ApiKey } from './api-key.entity.js';

const NOBODYS = ownerless('keys belong to the installation');
const COUNT_SHAPE = { scope: 'text', count: 'number' } as const satisfies Shape;

@Injectable()
export class ApiKeysRepository {
  async findByHash(reader: Reader, hash: string): Promise<ApiKey | undefined> {
    const [key] = await reader.select(ApiKey, 'k', sql`WHERE ${NOBODYS} AND k.hash = ${hash}`);
    return key;
  }

  find(reader: Reader, id: ApiKeyId): Promise<ApiKey | null> {
    return reader.rows(ApiKey).findOne({ id });
  }

  /** In the order of their ids, which is that of their making. */
  list(reader: Reader, after: ApiKeyId | undefined, limit: number): Promise<ApiKey[]> {
    const further = after === undefined ? sqlText('') : sql`AND k.id > ${after}`;
    return reader.select(ApiKey, 'k', sql`WHERE ${NOBODYS} ${further} ORDER BY k.id LIMIT ${sqlText(String(limit))}`);
  }

  /** Of those that open something at that moment, how many of each scope. */
  countValid(reader: Reader, at: Instant): Promise<{ scope: string; count: number }[]> {
    return reader.query(
      sql`SELECT k.scope, COUNT(*) FROM api_keys k WHERE ${NOBODYS} AND k.revoked_at IS NULL AND (k.expires_at IS NULL OR k.expires_at > ${at}) GROUP BY k.scope`,
      COUNT_SHAPE,
    );
  }

  async insert(tx: Transaction, key: ApiKey): Promise<void> {
    await tx.insert(ApiKey, [key]);
  }

  async revoke(tx: Transaction, id: ApiKeyId, at: Instant): Promise<void> {
    await tx.update(ApiKey, [{ key: { id }, set: { revokedAt: at }, expected: { revokedAt: null } }]);
  }

  /** When those keys that have ever been used were used last. */
  async lastUses(reader: Reader, ids: readonly ApiKeyId[]): Promise<ReadonlyMap<ApiKeyId, Instant>> {
    const where = sql`WHERE ${NOBODYS} AND ${reader.words.oneOf('u.key_id', ids)}`;
    const uses = await reader.select(ApiKeyUse, 'u', where);
    return new Map(uses.map(({ keyId, lastUsedAt }) => [keyId, lastUsedAt]));
  }

  /** Another process may have seen a key later. */
  async saveUses(tx: Transaction, uses: readonly ApiKeyUse[]): Promise<void> {
    const there = await this.lastUses(
      tx,
      uses.map(({ keyId }) => keyId),
    );
    const later = uses.filter(({ keyId, lastUsedAt }) => lastUsedAt > (there.get(keyId) ?? ''));
    // In one order everywhere: processes that write the same rows wait for each other, and not in a circle.
    await tx.upsert(
      ApiKeyUse,
      later.toSorted((a, b) => (a.keyId < b.keyId ? -1 : 1)),
    );
  }
}
