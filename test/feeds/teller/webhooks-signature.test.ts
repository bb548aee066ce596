// Which webhooks are Teller's: by the bytes of the body, the moment and the secrets, and by nothing that is nearly right.
import { createHmac } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { instantOf } from '../../../src/common/clock.js';
import { Secret } from '../../../src/config/secret.js';
import { verifySignature } from '../../../src/feeds/teller/teller-webhooks.signature.js';
import { WebhookSignatureInvalid, WebhookStale } from '../../../src/feeds/webhooks/webhooks.errors.js';
import { seed, share } from '../../support/share.js';

const NOW_S = 1_795_000_000;
const now = instantOf(NOW_S * 1_000);
const BODY = Buffer.from('{"type":"webhook.test"}');
const [NEW, OLD, OTHER] = ['secret-of-tomorrow', 'secret-of-yesterday', 'secret-of-nobody'];

const hex = (secret: string, seconds: number | string = NOW_S, body = BODY): string =>
  createHmac('sha256', secret).update(`${seconds}.`).update(body).digest('hex');
const header = (secret = NEW): string => `t=${NOW_S},v1=${hex(secret)}`;

function verify(said: string | undefined, { body = BODY, secrets = [NEW, OLD], at = now } = {}): string {
  const known = secrets.map((secret) => new Secret(secret));
  return verifySignature(said, body, known, at);
}

describe('is believed', () => {
  it.each<[string, string]>([
    ['one signature of the first secret', header()],
    ['one of the second', header(OLD)],
    ['both, while a secret is replaced', `t=${NOW_S},v1=${hex(OLD)},v1=${hex(NEW)}`],
    ['one that is known after one that is not', `t=${NOW_S},v1=${hex(OTHER)},v1=${hex(NEW)}`],
    ['the moment after the signature', `v1=${hex(NEW)},t=${NOW_S}`],
    ['a blank after the comma', `t=${NOW_S}, v1=${hex(NEW)}`],
    ['a newer scheme beside it', `t=${NOW_S},v2=whatever,v1=${hex(NEW)}`],
  ])('%s', (_, said) => {
    expect(verify(said)).toMatch(/^[\w-]{43}$/);
  });

  it('whichever signature it comes with, the same message is known again; another body or moment is another', () => {
    const known = verify(header());
    expect(verify(header(OLD))).toBe(known);
    expect(verify(`t=${NOW_S - 1},v1=${hex(NEW, NOW_S - 1)}`)).not.toBe(known);
    const body = Buffer.from('{}');
    expect(verify(`t=${NOW_S},v1=${hex(NEW, NOW_S, body)}`, { body })).not.toBe(known);
  });
});

describe('is not believed', () => {
  it.each<[string, string | undefined]>([
    ['nothing', undefined],
    ['an empty header', ''],
    ['no moment', `v1=${hex(NEW)}`],
    ['no signature', `t=${NOW_S}`],
    ['an empty signature', `t=${NOW_S},v1=`],
    ['an unknown secret', header(OTHER)],
    ['two moments', `t=${NOW_S},t=${NOW_S},v1=${hex(NEW)}`],
    ['two headers', `${header()}, ${header()}`],
    ['a moment with a sign', `t=+${NOW_S},v1=${hex(NEW, `+${NOW_S}`)}`],
    ['a moment with decimals', `t=${NOW_S}.0,v1=${hex(NEW, `${NOW_S}.0`)}`],
    ['a moment in another notation', `t=1.795e9,v1=${hex(NEW, '1.795e9')}`],
    ['a moment beyond all clocks', `t=9999999999999,v1=${hex(NEW, '9999999999999')}`],
    ['no moment but a word', `t=now,v1=${hex(NEW, 'now')}`],
    ['capitals', header().toUpperCase()],
    ['a signature in capitals', `t=${NOW_S},v1=${hex(NEW).toUpperCase()}`],
    ['a short signature', header().slice(0, -2)],
    ['a long signature', `${header()}00`],
    ['no hexadecimal', `t=${NOW_S},v1=${'g'.repeat(64)}`],
    ['in base64', `t=${NOW_S},v1=${Buffer.from(hex(NEW), 'hex').toString('base64')}`],
    ['another scheme alone', `t=${NOW_S},v0=${hex(NEW)}`],
    ['a good one beside one that cannot be read', `${header()},v1=x`],
    ['semicolons', header().replace(',', ';')],
    ['the body alone signed', `t=${NOW_S},v1=${createHmac('sha256', NEW).update(BODY).digest('hex')}`],
  ])('%s', (_, said) => {
    expect(() => verify(said)).toThrow(WebhookSignatureInvalid);
  });

  it('whatever comes, where no secret is known', () => {
    expect(() => verify(header(), { secrets: [] })).toThrow(WebhookSignatureInvalid);
  });

  it('with any one bit of the header or of the body turned', () => {
    const turned = fc.property(
      fc.uint8Array({ maxLength: 200 }),
      fc.integer({ min: NOW_S - 170, max: NOW_S + 170 }),
      fc.nat(),
      fc.boolean(),
      (bytes, seconds, place, inBody) => {
        const body = Buffer.from(bytes);
        const said = Buffer.from(`t=${seconds},v1=${hex(NEW, seconds, body)}`, 'latin1');
        expect(verify(said.toString('latin1'), { body })).toBeDefined();
        const target = inBody && body.length > 0 ? body : said;
        const bit = place % (target.length * 8);
        target[bit >> 3]! ^= 1 << (bit & 7);
        expect(() => verify(said.toString('latin1'), { body })).toThrow(WebhookSignatureInvalid);
      },
    );
    fc.assert(turned, { seed: seed(), numRuns: share({ test: 2_000, prove: 200_000 }) });
  });
});

describe('the moment', () => {
  const at = (ms: number) => ({ at: instantOf(NOW_S * 1_000 + ms) });

  it.each([0, 1, -1, 179_999, -179_999, 180_000, -180_000])('is believed %i ms later', (ms) => {
    expect(verify(header(), at(ms))).toBeDefined();
  });

  it.each([180_001, -180_001, 181_000, 3_600_000, -86_400_000])('is stale %i ms later', (ms) => {
    expect(() => verify(header(), at(ms))).toThrow(WebhookStale);
  });

  it('is looked at for those only who sign', () => {
    expect(() => verify(header(OTHER), at(86_400_000))).toThrow(WebhookSignatureInvalid);
  });
});
