import { Controller, Headers, HttpCode, Post } from '@nestjs/common';
import { ApiBody, ApiHeader, ApiTags } from '@nestjs/swagger';
import { SignedBySender } from '../../auth/access.js';
import { BodyUnreadable, RequestInvalid } from '../../http/http.errors.js';
import { ProblemAnswers } from '../../http/problem-answers.js';
import { Signed, SignedBody } from '../../http/signed-body.js';
import { TakesAnything } from '../../http/takes-anything.js';
import { FeedNotConfigured } from '../port/feeds.errors.js';
import {
  WebhookNotTaken,
  WebhookReplayed,
  WebhookSignatureInvalid,
  WebhookStale,
} from '../webhooks/webhooks.errors.js';
import { TellerWebhookBody, TellerWebhookReceived } from './teller-webhooks.dto.js';
import { TellerWebhooksService } from './teller-webhooks.service.js';

@ApiTags('enrollments')
@Controller('v1/webhooks')
export class TellerWebhooksController {
  constructor(private readonly webhooks: TellerWebhooksService) {}

  /** For Teller alone: what it says makes a sync of the enrollments concerned due, and nothing else. Sent again, it has one effect. */
  @Post('teller')
  @HttpCode(200)
  @SignedBySender()
  @TakesAnything()
  @ApiHeader({
    name: 'Teller-Signature',
    required: true,
    description:
      '`t=<seconds since 1970>,v1=<HMAC-SHA256 over `<t>.<body>` in hexadecimal>`; several `v1` while a secret is replaced.',
  })
  @ApiBody({ type: TellerWebhookBody })
  @ProblemAnswers(
    FeedNotConfigured,
    WebhookSignatureInvalid,
    WebhookStale,
    BodyUnreadable,
    RequestInvalid,
    WebhookReplayed,
    WebhookNotTaken,
  )
  receive(
    @Signed() body: SignedBody,
    @Headers('teller-signature') signature: string | undefined,
  ): Promise<TellerWebhookReceived> {
    return this.webhooks.receive(body, signature);
  }
}
