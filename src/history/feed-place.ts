// How far a follower has come: a place in the record of changes and one in the chain of transfers, which are two orders.
import { ValueInvalid } from '../common/domain-error.js';

/** Where a follower is: in the record of changes, and in the chain of transfers. */
export interface FeedPlace {
  readonly position: bigint;
  readonly seq: bigint;
}

export const BEGIN: FeedPlace = { position: 0n, seq: 0n };

/** Without a transfer it is written as before there were any. */
export function writePlace({ position, seq }: FeedPlace): string {
  return seq === 0n ? String(position) : `${position}.${seq}`;
}

export function parsePlace(text: string): FeedPlace {
  const [, position, seq = '0'] = /^(\d{1,15})(?:\.([1-9]\d{0,14}))?$/.exec(text) ?? [];
  if (position === undefined) throw new ValueInvalid('must be a place in the feed');
  return { position: BigInt(position), seq: BigInt(seq) };
}
