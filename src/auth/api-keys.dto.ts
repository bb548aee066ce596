import { type Instant } from '../common/clock.js';
import { type Owner } from '../common/owner.js';
import { ChoiceField, InstantField, OwnerField, TextField } from '../http/fields.js';
import { type ApiKey } from './api-key.entity.js';
import { KEY_SCOPES, type KeyScope } from './principal.js';

export class CreateApiKeyRequest {
  @TextField({ about: 'By which people know it again.', max: 100, example: 'dashboard' })
  name!: string;

  @ChoiceField(KEY_SCOPES, { about: 'Each contains the ones before it.', example: 'read' })
  scope!: KeyScope;

  @OwnerField({ about: 'Whose data alone the key reaches; all when left out.', optional: true })
  owner?: Owner;

  @InstantField({ about: 'When it stops working; never when left out.', optional: true })
  expiresAt?: Instant;
}

export class ApiKeyView {
  /** @example key_0192f0c1a2b37c4d8e9f00112233445566 */
  id!: string;
  name!: string;
  /** The first characters of the key. @example pbk_3fK9aQ */
  preview!: string;
  /** `read`, `write` or `admin`. */
  scope!: string;
  /** Whose data alone the key reaches; null reaches all. */
  owner!: string | null;
  createdAt!: string;
  expiresAt!: string | null;
  revokedAt!: string | null;
  /** To within a minute; null when it never was. */
  lastUsedAt!: string | null;
}

export class NewApiKeyView extends ApiKeyView {
  /** The key itself. It is shown this once and can't be found again. */
  key!: string;
}

export class ApiKeyList {
  data!: ApiKeyView[];
  nextCursor!: string | null;
}

export function apiKeyView(key: ApiKey, lastUsedAt: Instant | undefined): ApiKeyView {
  const { id, name, preview, scope, boundOwner, createdAt, expiresAt, revokedAt } = key;
  const owner = boundOwner;
  return { id, name, preview, scope, owner, createdAt, expiresAt, revokedAt, lastUsedAt: lastUsedAt ?? null };
}

export function newApiKeyView({ key, apiKey }: { readonly key: string; readonly apiKey: ApiKey }): NewApiKeyView {
  return { ...apiKeyView(apiKey, undefined), key };
}
