import { ApiExtraModels, ApiProperty, getSchemaPath, OmitType } from '@nestjs/swagger';
import { AccountView } from '../accounts/accounts.dto.js';
import { ApiKeyView } from '../auth/api-keys.dto.js';
import { BalanceView } from '../balances/balances.dto.js';
import { CHANGE_KINDS, type ChangeKind } from '../changes/change.entity.js';
import { type Instant } from '../common/clock.js';
import { type Owner } from '../common/owner.js';
import { EnrollmentView } from '../feeds/enrollments/enrollments.dto.js';
import { ChoiceField, InstantField, OwnerField, TextField } from '../http/fields.js';
import { PageQuery } from '../http/page.dto.js';
import { TransactionView } from '../transactions/transactions.dto.js';
import { HoldView, TransferView } from '../transfers/transfers.dto.js';
import { FOLLOWED_OBJECTS, RECORDED_OBJECTS } from './recorded-views.js';

const TEXT_MAX = 200;

export class ListChangesQuery extends PageQuery {
  @ChoiceField(FOLLOWED_OBJECTS, { about: 'Only changes of this kind of thing.', optional: true })
  object?: string;

  @OwnerField({ about: "Only this owner's changes.", optional: true })
  owner?: Owner;
}

/** A key as the audit log shows it. */
export class RecordedApiKeyView extends OmitType(ApiKeyView, ['lastUsedAt']) {}

/** An enrollment as it was: which accounts belong to it, each account says itself. */
export class RecordedEnrollmentView extends OmitType(EnrollmentView, ['accountIds', 'wayOut']) {}

const FOLLOWED_VIEWS = [AccountView, BalanceView, TransactionView, TransferView, HoldView, RecordedEnrollmentView];
const RECORDED_VIEWS = [...FOLLOWED_VIEWS, RecordedApiKeyView];

function oneOf(views: readonly (abstract new () => object)[]): { $ref: string }[] {
  return views.map((view) => ({ $ref: getSchemaPath(view as new () => object) }));
}

@ApiExtraModels(...RECORDED_VIEWS)
export class ChangeView {
  /** What kind of thing changed: account, balance, transaction, transfer, hold or enrollment. The lines of a transfer come with it, and are not told again. @example transaction */
  object!: string;
  /** Its id. @example txn_0192f0c1a2b37c4d8e9f00112233445566 */
  objectId!: string;
  /** `removed` also when a bank took a line back, and when a thing went to another owner, for whom it is `added`. */
  @ApiProperty({ enum: CHANGE_KINDS })
  change!: ChangeKind;
  /** When. Several changes may have the same moment; their order is that of the feed. @example 2026-11-21T08:39:31.123Z */
  at!: string;
  /** Null for a transfer, whose lines may be several owners'. */
  owner!: string | null;
  /** The thing as it was after this change; of a removed one as it was last. Newer changes of it come later in the feed. */
  @ApiProperty({ oneOf: oneOf(FOLLOWED_VIEWS) })
  data!: object;
}

export class ChangeList {
  data!: ChangeView[];
  /** Always given: keep it, and ask with it again for what comes after. It stays good, also after a move to another store. */
  nextCursor!: string;
  /** Whether there is more to be had at once. */
  hasMore!: boolean;
}

export class AuditQuery extends PageQuery {
  @ChoiceField(RECORDED_OBJECTS, { about: 'Only changes of this kind of thing.', optional: true })
  object?: string;

  @TextField({ about: 'Only changes of the thing with this id.', max: TEXT_MAX, optional: true })
  objectId?: string;

  @TextField({ about: 'Only what this API key did, by its id.', max: TEXT_MAX, optional: true })
  actor?: string;

  @TextField({ about: 'Only what the request with this X-Request-Id did.', max: TEXT_MAX, optional: true })
  requestId?: string;

  @InstantField({ about: 'Only from this moment on.', optional: true })
  from?: Instant;

  @InstantField({ about: 'Only until this moment.', optional: true })
  to?: Instant;

  @OwnerField({ about: "Only changes of this owner's things.", optional: true })
  owner?: Owner;
}

export class AuditEntryView {
  /** Of a transfer its own id. @example chg_0192f0c1a2b37c4d8e9f00112233445566 */
  id!: string;
  /** @example 2026-11-21T08:39:31.123Z */
  at!: string;
  /** The id of the API key, or a name: `passbook` is the service itself. @example key_0192f0c1a2b37c4d8e9f00112233445566 */
  actor!: string;
  /** The request that it came by; null for commands and what the service does by itself. */
  requestId!: string | null;
  /** Whose the thing is; null for what belongs to the installation. */
  owner!: string | null;
  /** account, balance, transaction, transfer, hold, enrollment or apiKey. @example account */
  object!: string;
  objectId!: string;
  @ApiProperty({ enum: CHANGE_KINDS })
  change!: ChangeKind;
  /** The thing before; null when it was added. */
  @ApiProperty({ oneOf: [...oneOf(RECORDED_VIEWS), { type: 'null' }] })
  before!: object | null;
  /** The thing after; null when it is gone. */
  @ApiProperty({ oneOf: [...oneOf(RECORDED_VIEWS), { type: 'null' }] })
  after!: object | null;
}

export class AuditList {
  data!: AuditEntryView[];
  nextCursor!: string | null;
}
