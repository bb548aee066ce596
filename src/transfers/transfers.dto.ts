import { type Instant } from '../common/clock.js';
import { type AccountId, type HoldId, type TransferId } from '../common/ids.js';
import { type Owner } from '../common/owner.js';
import {
  AccountNameField,
  ChoiceField,
  CurrencyField,
  DecimalField,
  IdField,
  InstantField,
  MetadataField,
  OwnerField,
  PatternField,
  TextField,
  YesNoField,
} from '../http/fields.js';
import { ObjectsField, RowsField } from '../http/object-field.js';
import { PageQuery } from '../http/page.dto.js';
import { ENTRIES_MAX } from '../http/plain-json.js';
import { Problem } from '../http/problem.dto.js';
import { HOLD_STATUSES, type HoldStatus } from './hold.entity.js';

const MEMO_MAX = 500;
const LEGS_MIN = 2;
const LEGS_MAX = 100;
const KIND = /^[a-z][a-z0-9_.-]{0,49}$/;

const DRY_RUN =
  'Whether only to say what it would come to: nothing is written; places, hashes and ids of lines are null, and under its id and Location nothing stands.';
const KIND_ABOUT = 'What sort of movement it is, for you to tell them apart: `transfer` when left out.';

export class LegRequest {
  @AccountNameField({ about: "The account's id or number. One account may have several legs." })
  account!: string;

  @DecimalField({ about: 'Money in > 0, money out < 0; not zero.' })
  amount!: string;
}

/** Either `from`, `to` and `amount`, or `legs`. */
export class NewTransferRequest {
  @IdField('transfer', {
    about: 'Made by you, so that the same transfer sent twice moves money once, with or without an Idempotency-Key.',
    optional: true,
  })
  id?: TransferId;

  @AccountNameField({ about: 'The account that pays: its id or its number.', optional: true })
  from?: string;

  @AccountNameField({ about: 'The account that is paid: its id or its number.', optional: true })
  to?: string;

  @DecimalField({ about: 'How much, more than zero.', optional: true })
  amount?: string;

  @ObjectsField(LegRequest, {
    about: 'In place of from, to and amount: any movements that sum to zero in each currency.',
    min: LEGS_MIN,
    max: LEGS_MAX,
    optional: true,
  })
  legs?: LegRequest[];

  @CurrencyField({ about: 'That of all its accounts, where it is given at all.', optional: true })
  currency?: string;

  @PatternField(KIND, 'must be a word like "transfer"', { about: KIND_ABOUT, optional: true, example: 'casino_bet' })
  kind?: string;

  @TextField({ about: 'What it is for.', max: MEMO_MAX, optional: true, nullable: true, example: 'Glitch Grid' })
  memo?: string | null;

  @MetadataField({ about: 'Up to 50 names of your own, each with a text.', optional: true })
  metadata?: Record<string, string>;

  @YesNoField({ about: DRY_RUN, optional: true })
  dryRun?: boolean;
}

const BULK_MODES = ['atomic', 'independent'] as const;

export class BulkTransferRequest {
  @ChoiceField(BULK_MODES, {
    about: '`atomic`: all or none. `independent`: each stands or falls by itself, and the answer says which.',
    example: 'independent',
  })
  mode!: (typeof BULK_MODES)[number];

  @RowsField(NewTransferRequest, {
    about: 'The transfers, in the order in which they shall stand.',
    min: 1,
    max: ENTRIES_MAX,
  })
  transfers!: unknown[];

  @YesNoField({ about: DRY_RUN, optional: true })
  dryRun?: boolean;
}

export class ReverseRequest {
  @TextField({ about: "What it is for; the first transfer's when left out.", max: MEMO_MAX, optional: true })
  memo?: string;

  @YesNoField({ about: DRY_RUN, optional: true })
  dryRun?: boolean;
}

export class ListTransfersQuery extends PageQuery {
  @IdField('account', { about: 'Only transfers with a line on this account.', optional: true })
  accountId?: AccountId;

  @PatternField(KIND, 'must be a word like "transfer"', { about: 'Only transfers of this kind.', optional: true })
  kind?: string;

  @InstantField({ about: 'Only from this moment on.', optional: true })
  from?: Instant;

  @InstantField({ about: 'Only until this moment.', optional: true })
  to?: Instant;

  @OwnerField({ about: "Only transfers with a line on this owner's accounts, and those lines.", optional: true })
  owner?: Owner;

  @ChoiceField(['asc', 'desc'], { about: 'Oldest or newest first; `desc` when left out.', optional: true })
  order?: 'asc' | 'desc';
}

export class TransferLineView {
  /** The line's own id; null in a dry run. @example txn_0192f0c1a2b37c4d8e9f00112233445566 */
  id!: string | null;
  /** @example acc_0192f0c1a2b37c4d8e9f00112233445566 */
  accountId!: string;
  /** Money in > 0, money out < 0. @example "-5.00" */
  amount!: string;
  /** @example USD */
  currency!: string;
  /** The account's ledger after this line. @example "95.00" */
  balance!: string;
}

export class TransferView {
  /** @example trf_0192f0c1a2b37c4d8e9f00112233445566 */
  id!: string;
  /** Its place among all transfers, from 1; null in a dry run. @example "17" */
  seq!: string | null;
  /** @example 2026-11-21T08:39:31.123Z */
  at!: string;
  /** @example transfer */
  kind!: string;
  memo!: string | null;
  metadata!: Record<string, string>;
  /** The transfer that this one takes back. */
  reverses!: string | null;
  /** The one that took this one back; looked up when a transfer is fetched or listed, null in the answer that makes it. */
  reversedBy!: string | null;
  /** The hold that it was captured from. */
  holdId!: string | null;
  /** Its lines; to a key that is bound to an owner, those on that owner's accounts. */
  lines!: TransferLineView[];
  /** SHA-256 of the hash before and the entry (docs/ledger.md): whoever keeps it can prove later that nothing was changed. Null in a dry run. */
  hash!: string | null;
  /** Whether nothing was written. */
  dryRun!: boolean;
}

export class TransferList {
  data!: TransferView[];
  nextCursor!: string | null;
}

export class BulkTransferOutcome {
  /** The place in the request, from 0. */
  index!: number;
  /** `posted` or `refused`. */
  outcome!: 'posted' | 'refused';
  transfer?: TransferView;
  problem?: Problem;
}

export class BulkTransferResult {
  succeeded!: number;
  refused!: number;
  data!: BulkTransferOutcome[];
}

export class NewHoldRequest {
  @IdField('hold', {
    about: 'Made by you, so that the same hold asked for twice sets money aside once.',
    optional: true,
  })
  id?: HoldId;

  @AccountNameField({ about: 'The account on which money is set aside: its id or its number.' })
  from!: string;

  @AccountNameField({ about: 'The account that it is for.' })
  to!: string;

  @DecimalField({ about: 'How much at most, more than zero.' })
  amount!: string;

  @CurrencyField({ about: 'That of both accounts, where it is given at all.', optional: true })
  currency?: string;

  @PatternField(KIND, 'must be a word like "transfer"', { about: KIND_ABOUT, optional: true })
  kind?: string;

  @TextField({ about: 'What it is for.', max: MEMO_MAX, optional: true, nullable: true })
  memo?: string | null;

  @MetadataField({
    about: 'Up to 50 names of your own, each with a text: the transfer will have them.',
    optional: true,
  })
  metadata?: Record<string, string>;

  @InstantField({ about: 'When it lets go by itself; never when left out.', optional: true })
  expiresAt?: Instant;

  @YesNoField({ about: DRY_RUN, optional: true })
  dryRun?: boolean;
}

export class CaptureRequest {
  @DecimalField({ about: 'How much of it; all when left out. The rest is let go.', optional: true })
  amount?: string;

  @YesNoField({ about: DRY_RUN, optional: true })
  dryRun?: boolean;
}

export class ReleaseRequest {
  @YesNoField({ about: DRY_RUN, optional: true })
  dryRun?: boolean;
}

export class ListHoldsQuery extends PageQuery {
  @IdField('account', { about: 'Only holds on this account.', optional: true })
  accountId?: AccountId;

  @ChoiceField(HOLD_STATUSES, { about: 'Only holds that are so.', optional: true })
  status?: HoldStatus;

  @OwnerField({ about: "Only holds on this owner's accounts.", optional: true })
  owner?: Owner;
}

export class HoldView {
  /** @example hld_0192f0c1a2b37c4d8e9f00112233445566 */
  id!: string;
  owner!: string;
  /** `active`, `captured`, `released` or `expired`. */
  status!: HoldStatus;
  /** The account on which money is set aside. */
  from!: string;
  /** The account that it is for. */
  to!: string;
  /** @example "20.00" */
  amount!: string;
  /** What became a transfer. @example "0.00" */
  captured!: string;
  /** @example USD */
  currency!: string;
  kind!: string;
  memo!: string | null;
  metadata!: Record<string, string>;
  /** What it became. */
  transferId!: string | null;
  expiresAt!: string | null;
  version!: number;
  createdAt!: string;
  updatedAt!: string;
}

export class EndedHoldView extends HoldView {
  /** What it became; null unless captured. */
  transfer!: TransferView | null;
}

export class HoldList {
  data!: HoldView[];
  nextCursor!: string | null;
}
