// What a person's consent is signed over: given by this service, for one owner and an hour, and remembered nowhere.
import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import { Clock, epochMsOf } from '../../common/clock.js';
import { type Owner } from '../../common/owner.js';
import { type KeyRing } from '../tokens/key-ring.js';

const LIFE_SECONDS = 3_600;
const EXPIRY_BYTES = 6;
const RANDOM_BYTES = 12;
const MAC_BYTES = 16;
const BYTES = EXPIRY_BYTES + RANDOM_BYTES + MAC_BYTES;

/**
 * base64url of: the second in which it expires, random bytes, and a code over both and the owner. The code's key is derived from the encryption
 * keys, so that every process knows what another one gave, also while the keys change.
 */
export class TellerNonces {
  private readonly keys: readonly Buffer[];

  constructor(
    ring: KeyRing,
    private readonly clock: Clock,
  ) {
    this.keys = ring.derived('teller connect nonce');
  }

  give(owner: Owner): string {
    const head = Buffer.alloc(EXPIRY_BYTES + RANDOM_BYTES);
    head.writeUIntBE(this.nowSeconds() + LIFE_SECONDS, 0, EXPIRY_BYTES);
    randomBytes(RANDOM_BYTES).copy(head, EXPIRY_BYTES);
    return Buffer.concat([head, codeOf(this.keys[0]!, head, owner)]).toString('base64url');
  }

  /** Whether it was given here, for that owner, and is not expired. */
  isGood(nonce: string, owner: Owner): boolean {
    const bytes = Buffer.from(nonce, 'base64url');
    // One text alone stands for it: else a nonce could be written in several ways.
    if (bytes.length !== BYTES || bytes.toString('base64url') !== nonce) return false;
    const [head, code] = [bytes.subarray(0, -MAC_BYTES), bytes.subarray(-MAC_BYTES)];
    const isOurs = this.keys.some((key) => timingSafeEqual(code, codeOf(key, head, owner)));
    return isOurs && head.readUIntBE(0, EXPIRY_BYTES) > this.nowSeconds();
  }

  private nowSeconds(): number {
    return Math.floor(epochMsOf(this.clock.now()) / 1_000);
  }
}

function codeOf(key: Buffer, head: Buffer, owner: Owner): Buffer {
  return createHmac('sha256', key).update(head).update(owner).digest().subarray(0, MAC_BYTES);
}
