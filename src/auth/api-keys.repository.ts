// The rows of keys. They belong to no owner: a key says for itself how far it reaches.
import { Injectable } from '@nestjs/common';
import { type Instant } from '../common/clock.js';
import { type ApiKeyId } from '../common/ids.js';
import { type Reader } from '../database/reader.js';
import { type Transaction } from '../database/transaction.js';
import { ApiKey } from './api-key.entity.js';

@Injectable()
export class ApiKeysRepository {
  findByHash(reader: Reader, hash: string): Promise<ApiKey | null> {
    return reader.rows(ApiKey).findOne({ hash });
  }

  find(reader: Reader, id: ApiKeyId): Promise<ApiKey | null> {
    return reader.rows(ApiKey).findOne({ id });
  }

  list(reader: Reader): Promise<ApiKey[]> {
    return reader.rows(ApiKey).find({ order: { id: 'ASC' } });
  }

  async insert(tx: Transaction, key: ApiKey): Promise<void> {
    await tx.insert(ApiKey, [key]);
  }

  async revoke(tx: Transaction, id: ApiKeyId, at: Instant): Promise<void> {
    await tx.update(ApiKey, [{ key: { id }, set: { revokedAt: at }, expected: { revokedAt: null } }]);
  }
}
