// Whether a webhook is Teller's, and of just now: `Teller-Signature: t=<seconds>,v1=<hex>[,v1=<hex>…]` over `<t>.<body>`.
import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import { epochMsOf, type Instant } from '../../common/clock.js';
import { type Secret } from '../../config/secret.js';
import { WebhookSignatureInvalid, WebhookStale } from '../webhooks/webhooks.errors.js';

/** For so long a signature is believed, before and after its moment: clocks differ. */
const BELIEVED_SECONDS = 180;

const SECONDS = /^[0-9]{1,12}$/;
/** In small letters only, as Teller writes it: one signature has one form. */
const SIGNATURE = /^[0-9a-f]{64}$/;

interface Header {
  readonly seconds: string;
  readonly signatures: readonly Buffer[];
}

/**
 * Answers by what the message is known when it comes again. While a secret is replaced there are several signatures, and several secrets: each is
 * compared with each, and how long that takes tells nobody which of them fit.
 * @throws WebhookSignatureInvalid, WebhookStale
 */
export function verifySignature(
  header: string | undefined,
  body: Buffer,
  secrets: readonly Secret[],
  now: Instant,
): string {
  const { seconds, signatures } = readHeader(header);
  const ours = secrets.map((secret) =>
    createHmac('sha256', secret.reveal()).update(`${seconds}.`).update(body).digest(),
  );
  const fits = ours.flatMap((own) => signatures.map((theirs) => timingSafeEqual(own, theirs)));
  if (!fits.includes(true)) throw new WebhookSignatureInvalid();
  const age = epochMsOf(now) - Number(seconds) * 1_000;
  if (Math.abs(age) > BELIEVED_SECONDS * 1_000) throw new WebhookStale(BELIEVED_SECONDS);
  return createHash('sha256').update(`teller ${seconds}.`).update(body).digest('base64url');
}

/** Schemes other than v1 are let be: one day there may be a newer one beside it. */
function readHeader(header = ''): Header {
  const parts = header.split(',').map((part) => part.trim());
  const valuesOf = (name: string): string[] =>
    parts.filter((part) => part.startsWith(`${name}=`)).map((part) => part.slice(name.length + 1));
  const times = valuesOf('t');
  const signatures = valuesOf('v1');
  const isReadable =
    times.length === 1 &&
    SECONDS.test(times[0]!) &&
    signatures.length > 0 &&
    signatures.every((one) => SIGNATURE.test(one));
  if (!isReadable) throw new WebhookSignatureInvalid();
  return { seconds: times[0]!, signatures: signatures.map((one) => Buffer.from(one, 'hex')) };
}
