// The numbers by which people name book accounts: `NC-7K2M-Q4XZ`.
import { createHash } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { type AccountId } from '../common/ids.js';
import { Settings } from '../config/settings.js';

/** Without those that are taken for each other: I and 1, O and 0. 32 of them, so that each has five bits. */
const LETTERS = 'ABCDEFGHJKLMNPQRSTUVWXYZ23456789';
const LENGTH = 8;

@Injectable()
export class AccountNumbers {
  constructor(private readonly settings: Settings) {}

  /**
   * Made from the id and from nothing else, so that the same history gives the same numbers on every store. Of 2^40: should one be taken,
   * opening the account is refused, and asked for again has another id.
   */
  numberOf(id: AccountId): string {
    const bytes = createHash('sha256').update(`account number of ${id}`).digest();
    const letters = Array.from(bytes.subarray(0, LENGTH), (byte) => LETTERS[byte % LETTERS.length]!).join('');
    return `${this.settings.accountNumberPrefix}-${letters.slice(0, LENGTH / 2)}-${letters.slice(LENGTH / 2)}`;
  }
}
