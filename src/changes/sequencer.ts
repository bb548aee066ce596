// Gives changes their places in the feed. A place is given after the commit, by one hand at a time: so nothing can come to stand before a place
// that somebody has already read past, however long its transaction took.
import { Injectable } from '@nestjs/common';
import { Database } from '../database/database.js';
import { type Reader } from '../database/reader.js';
import { ofEveryOwner } from '../database/scope.js';
import { ownerless, sql, sqlText } from '../database/sql.js';
import { lastPosition } from './change-log.js';
import { Change } from './change.entity.js';

const ALL_CHANGES = ofEveryOwner('the feed has one order for all owners');
const EVERYBODYS = ownerless('the feed has one order for all owners');
const THE_ORDER = 'passbook changes';
/** Numbered in one transaction: small enough to hold up no writer. */
const BATCH = 1_000;
const BATCHES_MAX = 10;

@Injectable()
export class Sequencer {
  constructor(private readonly database: Database) {}

  /** Numbers what is committed and has no place yet. False where so much had none that some is left for the next time. */
  async catchUp(): Promise<boolean> {
    for (let batch = 0; batch < BATCHES_MAX; batch += 1) {
      // Most of the time there is nothing, and no transaction is worth that.
      if (!(await this.database.read(ALL_CHANGES, hasUnnumbered))) return true;
      await this.numberBatch();
    }
    return !(await this.database.read(ALL_CHANGES, hasUnnumbered));
  }

  private async numberBatch(): Promise<void> {
    await this.database.transact(ALL_CHANGES, async (tx) => {
      await tx.hold(THE_ORDER);
      // A statement after the lock: it sees all that whoever held it before has numbered.
      const last = await lastPosition(tx);
      const unnumbered = await tx.query(
        sql`SELECT c.id FROM changes c WHERE ${EVERYBODYS} AND c.position IS NULL ORDER BY c.id LIMIT ${sqlText(String(BATCH))}`,
        { id: 'text' },
      );
      await tx.update(
        Change,
        unnumbered.map(({ id }, index) => ({
          key: { id: id as Change['id'] },
          set: { position: last + BigInt(index + 1) },
        })),
      );
    });
  }
}

async function hasUnnumbered(reader: Reader): Promise<boolean> {
  const query = sql`SELECT c.id FROM changes c WHERE ${EVERYBODYS} AND c.position IS NULL LIMIT 1`;
  return (await reader.query(query, { id: 'text' })).length > 0;
}
