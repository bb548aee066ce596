// Who may call. The key itself is shown once and kept by nobody here: only its hash.
import { type Instant } from '../common/clock.js';
import { type ApiKeyId } from '../common/ids.js';
import { type Owner } from '../common/owner.js';
import { InstantColumn, Table, TextColumn } from '../database/schema/entity.js';
import { type KeyScope } from './principal.js';

@Table('api_keys', {
  recorded: { as: 'apiKey', followed: false },
  unique: [['hash']],
  checks: { scope: "scope IN ('read', 'write', 'admin')" },
})
export class ApiKey {
  @TextColumn({ key: true }) id!: ApiKeyId;
  @TextColumn() name!: string;
  /** SHA-256 of the whole key, in hexadecimal. The key has 256 random bits, so that a slow hash would add nothing. */
  @TextColumn({ unrecorded: true }) hash!: string;
  /** The first characters, by which people tell keys apart. */
  @TextColumn() preview!: string;
  @TextColumn() scope!: KeyScope;
  /** Whose rows alone the key reaches; null reaches all. */
  @TextColumn({ nullable: true, name: 'bound_owner' }) boundOwner!: Owner | null;
  @InstantColumn() createdAt!: Instant;
  @InstantColumn({ nullable: true }) expiresAt!: Instant | null;
  @InstantColumn({ nullable: true }) revokedAt!: Instant | null;
}
