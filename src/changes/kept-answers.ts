// The rows of idempotency keys: whose a key is, what it stands for, and what was answered.
import { createCipheriv, createDecipheriv, hash, hkdfSync, randomBytes, randomUUID } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { Clock, type Instant } from '../common/clock.js';
import { type Owner } from '../common/owner.js';
import { type Reader } from '../database/reader.js';
import { ownerless, sql, sqlText } from '../database/sql.js';
import { type Transaction } from '../database/transaction.js';
import { type OnceKey } from '../http/once-key.js';
import { IdempotencyKeyReused } from './changes.errors.js';
import { IdempotencyKey } from './idempotency-key.entity.js';

const CIPHER = 'aes-256-gcm';
const NONCE_BYTES = 12;
const TAG_BYTES = 16;

/** Who sends: keys of one owner are one space, whichever API key they come by. */
export interface Sender {
  readonly owner: Owner | undefined;
  readonly keyId: string;
}

@Injectable()
export class KeptAnswers {
  constructor(private readonly clock: Clock) {}

  /** A row for a request that begins now. Each has a claim of its own. */
  begin(sender: Sender, once: OnceKey, isSecret: boolean): IdempotencyKey {
    return {
      id: idOf(sender, once),
      operation: once.operation,
      fingerprint: once.fingerprint,
      claim: randomUUID(),
      claimedAt: this.clock.now(),
      answer: null,
      sealed: isSecret,
    };
  }

  /** False where the key is there; a twin that is writing it in another transaction is waited for. */
  insert(tx: Transaction, row: IdempotencyKey): Promise<boolean> {
    return tx.insertNew(IdempotencyKey, row);
  }

  /** Many, of keys that are claimed nowhere: answers how many were not there before. */
  insertAll(tx: Transaction, rows: readonly IdempotencyKey[]): Promise<number> {
    return tx.insertNewAll(IdempotencyKey, rows);
  }

  /** Those that are there, by their ids. */
  async findAll(reader: Reader, rows: readonly IdempotencyKey[]): Promise<Map<string, IdempotencyKey>> {
    const ids = rows.map(({ id }) => id);
    const where = sql`WHERE ${ownerless('a key’s id says whose it is')} AND ${reader.words.oneOf('k.id', ids)}`;
    return new Map((await reader.select(IdempotencyKey, 'k', where)).map((row) => [row.id, row]));
  }

  find(reader: Reader, { id }: IdempotencyKey): Promise<IdempotencyKey | null> {
    return reader.rows(IdempotencyKey).findOne({ id });
  }

  /** Takes a claim over from whoever made it last. False where that has changed meanwhile. */
  async takeOver(tx: Transaction, stale: IdempotencyKey, mine: IdempotencyKey): Promise<boolean> {
    const { id, claim, claimedAt } = mine;
    const expected = { claim: stale.claim, answer: null };
    return (await tx.update(IdempotencyKey, [{ key: { id }, set: { claim, claimedAt }, expected }])) === 1;
  }

  /** The row with its answer, for a deed that needs no claim. */
  completed(row: IdempotencyKey, once: OnceKey, answer: object): IdempotencyKey {
    return { ...row, answer: kept(row, once, answer) };
  }

  /** Keeps the answer of a claim. False where it has been taken over. */
  async complete(tx: Transaction, row: IdempotencyKey, once: OnceKey, answer: object): Promise<boolean> {
    const { id, claim } = row;
    const change = { key: { id }, set: { answer: kept(row, once, answer) }, expected: { claim, answer: null } };
    return (await tx.update(IdempotencyKey, [change])) === 1;
  }

  /** Lets a claim go that came to nothing; one that was taken over stays, and so does one that was completed, whose answer this is. */
  async release(tx: Transaction, { id, claim }: IdempotencyKey, once: OnceKey): Promise<object | undefined> {
    const [row] = await tx.lock(IdempotencyKey, [id]);
    if (row?.claim !== claim) return undefined;
    const answer = this.answerOf(row, once);
    if (answer === undefined) await tx.delete(IdempotencyKey, [{ id }]);
    return answer;
  }

  /** The first answer; undefined while there is none yet. @throws IdempotencyKeyReused when the row stands for another request */
  answerOf(row: IdempotencyKey, once: OnceKey): object | undefined {
    if (row.fingerprint !== once.fingerprint) throw new IdempotencyKeyReused();
    if (row.answer === null) return undefined;
    return JSON.parse(row.sealed ? unseal(row.answer, once.key, row.id) : row.answer) as object;
  }

  /** Removes up to `limit` that were claimed before a moment. Answers how many. */
  async forget(tx: Transaction, before: Instant, limit: number): Promise<number> {
    const old = await tx.query(
      sql`SELECT k.id FROM idempotency_keys k WHERE ${ownerless('keys of all senders')} AND k.claimed_at < ${before} ORDER BY k.claimed_at LIMIT ${sqlText(String(limit))}`,
      { id: 'text' },
    );
    return tx.delete(IdempotencyKey, old);
  }
}

function idOf({ owner, keyId }: Sender, { operation, key }: OnceKey): string {
  const sender = owner === undefined ? `key ${keyId}` : `owner ${owner}`;
  return hash('sha256', JSON.stringify([sender, operation, key]), 'base64url');
}

function kept({ id, sealed }: IdempotencyKey, once: OnceKey, answer: object): string {
  const text = JSON.stringify(answer);
  return sealed ? seal(text, once.key, id) : text;
}

/** With the client's own key, which the store does not hold. */
function seal(text: string, key: string, id: string): string {
  const nonce = randomBytes(NONCE_BYTES);
  const cipher = createCipheriv(CIPHER, sealingKey(key, id), nonce);
  return Buffer.concat([nonce, cipher.update(text, 'utf8'), cipher.final(), cipher.getAuthTag()]).toString('base64');
}

function unseal(sealed: string, key: string, id: string): string {
  const bytes = Buffer.from(sealed, 'base64');
  const decipher = createDecipheriv(CIPHER, sealingKey(key, id), bytes.subarray(0, NONCE_BYTES));
  decipher.setAuthTag(bytes.subarray(-TAG_BYTES));
  return decipher.update(bytes.subarray(NONCE_BYTES, -TAG_BYTES), undefined, 'utf8') + decipher.final('utf8');
}

function sealingKey(key: string, id: string): Buffer {
  return Buffer.from(hkdfSync('sha256', key, id, 'passbook kept answer', 32));
}
