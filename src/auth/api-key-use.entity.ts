// When a key was last used: apart from the key's own row, so that noting it changes no key and is no event that anybody follows.
import { type Instant } from '../common/clock.js';
import { type ApiKeyId } from '../common/ids.js';
import { InstantColumn, Table, TextColumn } from '../database/schema/entity.js';

@Table('api_key_uses')
export class ApiKeyUse {
  @TextColumn({ key: true, references: 'api_keys' }) keyId!: ApiKeyId;
  /** To within a minute. */
  @InstantColumn() lastUsedAt!: Instant;
}
