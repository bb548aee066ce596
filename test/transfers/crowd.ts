// Clients of every kind at once, each of which asks until it is answered and notes what it was told; and the question whether the books say just that.
import { type Json } from '../support/builders.js';
import { newId } from './bank.js';
import { type Books } from './audit.js';

/** No answer has status 0. */
export interface Reply {
  readonly status: number;
  readonly body: Json;
}

/** Every deed has a memo of its own, so that its effects can be counted. */
export interface CrowdDeed {
  readonly does: 'transfer' | 'bulk' | 'hold' | 'capture' | 'release' | 'reverse';
  readonly path: string;
  readonly body: object;
  readonly onceKey: string | undefined;
  readonly memo: string;
  /** Rows of a bulk. */
  readonly rows: number;
  readonly replies: Reply[];
}

/** What a deed may be refused for by a service that is right. */
const REFUSALS = new Set(['insufficient_funds', 'hold_not_active', 'bulk_refused', 'hold_expires_in_past']);

export class Crowd {
  readonly deeds: CrowdDeed[] = [];
  private readonly holds: string[] = [];
  private readonly transfers: string[] = [];

  /** @param accounts of one currency, by id or number @param now of the service, for holds that expire */
  constructor(
    private readonly tag: string,
    private readonly accounts: readonly string[],
    private readonly random: () => number,
    private readonly now: () => number = Date.now,
  ) {}

  /** Something to ask, made so that asking it twice does it once. */
  next(): CrowdDeed {
    const memo = `${this.tag}.${this.deeds.length}`;
    const deed = this.make(memo);
    this.deeds.push(deed);
    return deed;
  }

  note(deed: CrowdDeed, reply: Reply): void {
    deed.replies.push(reply);
    if (reply.status >= 300 || reply.status === 0) return;
    if (deed.does === 'hold') this.holds.push(reply.body.id);
    if (deed.does === 'transfer') this.transfers.push(reply.body.id);
  }

  /** What the books lack of what was acknowledged, and hold of what was not. */
  judge({ entries, tables }: Books): string[] {
    const hashes = new Map(tables.get('transfers')!.map(({ id, hash }) => [id as string, hash as string]));
    const moved = countOf(entries.filter(({ reverses, hold }) => reverses === null && hold === null));
    const holds = new Map(tables.get('holds')!.map((row) => [row['id'] as string, row]));
    const reversals = new Map(entries.map(({ id, reverses }) => [reverses, id]));
    const faults: string[] = [];
    for (const deed of this.deeds) {
      const { does, memo, replies, rows } = deed;
      const fault = (what: string) => faults.push(`${does} ${memo}: ${what}`);
      const answers = replies.filter(({ status }) => status > 0 && status < 500);
      const done = answers.filter(({ status }) => status < 300);
      for (const { body, status } of answers)
        if (status >= 300 && !REFUSALS.has(body.code)) fault(`refused for ${status} ${body.code} ${body.detail}`);
      // A hold is shown as it is by now where it was asked for by its id alone.
      const texts = new Set(
        done.map(({ body }) => (deed.onceKey === undefined && does === 'hold' ? body.id : JSON.stringify(body))),
      );
      if (texts.size > 1) fault(`was answered in ${texts.size} ways`);
      const [first] = done;
      if (does === 'transfer') {
        const count = moved.get(memo) ?? 0;
        if (first === undefined ? count > (answers.length > 0 ? 0 : 1) : count !== 1) fault(`moved ${count} times`);
        if (first !== undefined && hashes.get(first.body.id) !== first.body.hash)
          fault('is not in the chain as it was told');
      }
      if (does === 'bulk') {
        const counts = Array.from({ length: rows }, (_, index) => moved.get(`${memo}.${index}`) ?? 0);
        const told = first?.body.data.map(({ outcome }: Json) => (outcome === 'posted' ? 1 : 0));
        if (told !== undefined && told.join() !== counts.join()) fault(`told ${told.join()}, moved ${counts.join()}`);
        if (first === undefined && answers.length > 0 && counts.some((count) => count > 0))
          fault('was refused and moved');
        if (counts.some((count) => count > 1)) fault('moved twice');
      }
      if (does === 'hold') {
        const there = [...holds.values()].filter((row) => row['memo'] === memo);
        if (there.length > 1 || (first !== undefined && there[0]?.['id'] !== first.body.id))
          fault(`${there.length} holds`);
        if (first === undefined && answers.length > 0 && there.length > 0) fault('was refused and holds');
      }
      if (first === undefined) continue;
      if (does === 'capture' && holds.get(first.body.id)?.['transfer_id'] !== first.body.transferId)
        fault('is not what became of the hold');
      if (does === 'release' && holds.get(first.body.id)?.['status'] !== 'released')
        fault('is not what became of the hold');
      if (does === 'reverse' && reversals.get(first.body.reverses) !== first.body.id) fault('is not the reversal');
    }
    return faults;
  }

  private make(memo: string): CrowdDeed {
    const [one, amount] = [this.random(), `${Math.floor(this.random() * 6)}.${Math.floor(this.random() * 90) + 10}`];
    const key = `key-${memo}`;
    const isKeyed = this.random() < 0.5;
    const deed = { memo, rows: 0, replies: [], onceKey: key };
    const pair = () => ({ ...this.pair(), amount });
    const pick = (list: readonly string[]) => list[Math.floor(this.random() ** 0.3 * list.length)];
    const [hold, transfer] = [pick(this.holds), pick(this.transfers)];
    if (one < 0.2 && hold !== undefined) {
      const body = this.random() < 0.5 ? {} : { amount: '0.05' };
      return { ...deed, does: 'capture', path: `/v1/holds/${hold}/capture`, body };
    }
    if (one < 0.25 && hold !== undefined)
      return { ...deed, does: 'release', path: `/v1/holds/${hold}/release`, body: {} };
    if (one < 0.35 && transfer !== undefined)
      return {
        ...deed,
        does: 'reverse',
        path: `/v1/transfers/${transfer}/reverse`,
        body: {},
        onceKey: isKeyed ? key : undefined,
      };
    if (one < 0.55) {
      const id = isKeyed ? {} : { id: newId('hld') };
      const expiresAt =
        this.random() < 0.5 ? { expiresAt: new Date(this.now() + 20 + this.random() * 400).toISOString() } : {};
      return {
        ...deed,
        does: 'hold',
        path: '/v1/holds',
        body: { ...pair(), memo, ...id, ...expiresAt },
        onceKey: isKeyed ? key : undefined,
      };
    }
    if (one < 0.62) {
      const rows = 2 + Math.floor(this.random() * 4);
      const transfers = Array.from({ length: rows }, (_, index) => ({ ...pair(), memo: `${memo}.${index}` }));
      return {
        ...deed,
        does: 'bulk',
        path: '/v1/transfers/bulk',
        rows,
        body: { mode: isKeyed ? 'atomic' : 'independent', transfers },
      };
    }
    const id = isKeyed ? {} : { id: newId('trf') };
    return {
      ...deed,
      does: 'transfer',
      path: '/v1/transfers',
      body: { ...pair(), memo, ...id },
      onceKey: isKeyed ? key : undefined,
    };
  }

  private pair(): { from: string; to: string } {
    const from = Math.floor(this.random() * this.accounts.length);
    const to = (from + 1 + Math.floor(this.random() * (this.accounts.length - 1))) % this.accounts.length;
    return { from: this.accounts[from]!, to: this.accounts[to]! };
  }
}

function countOf(entries: readonly Json[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const { memo } of entries) counts.set(memo, (counts.get(memo) ?? 0) + 1);
  return counts;
}
