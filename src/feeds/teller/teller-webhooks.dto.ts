import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { TELLER_WEBHOOK_TYPES, type TellerWebhookType } from './teller-webhooks.wire.js';

/** As Teller documents it. More fields are let be. */
export class TellerWebhookBody {
  /** @example wh_oiffb5cbdc2ef1qma0000 */
  id?: string;

  /** @example transactions.processed */
  type!: string;

  /** @example 2026-11-21T08:39:31Z */
  timestamp?: string;

  @ApiPropertyOptional({ type: 'object', additionalProperties: true, description: 'Of each type its own.' })
  payload?: object;
}

export class TellerWebhookReceived {
  /** Always. A webhook that is not taken is a refusal. */
  received!: boolean;
  /** `unknown` for a type that means nothing here. */
  @ApiProperty({ enum: TELLER_WEBHOOK_TYPES })
  type!: TellerWebhookType;
  /** How many enrollments are due for a sync by it. */
  due!: number;
}
