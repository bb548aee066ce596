// Steady reads and writes all through a rollout, at their own pace; and afterwards whether each had just the effect that it was told of.
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { share } from '../support/share.js';
import { type Answer, Api } from './api.js';

const MS = 1_000;
/**
 * Whoever waits for that many sends nothing more: on a machine that is busy with other tests it sends less. And it is fewer than a server takes when
 * it is at its slowest, so that none is refused for the load: a deploy is tried here, and no overload.
 */
const UNDER_WAY_MAX = share({ test: 8, prove: 12 });
/** Those who write to one account take turns. */
const ACCOUNTS = 16;

export class Steady {
  /** What came of requests that had no good answer. */
  readonly faults: string[] = [];
  answered = 0;
  /** By the server that gave the answer. */
  readonly answeredBy = new Map<string, number>();
  private readonly underWay = new Set<Promise<void>>();
  /** What was acknowledged, and as what: ids by the description that was sent. */
  private readonly acknowledged = new Map<string, string>();
  private readonly unanswered = new Set<string>();
  private readonly accounts: { readonly id: string; readonly edited: string; edits: number }[] = [];
  private lastId: string | undefined;
  private isOver = false;
  private startedAt = 0;
  private running: Promise<void> | undefined;

  constructor(
    private readonly api: Api,
    private readonly tag: string,
    private readonly perSecond: number,
  ) {}

  /** Opens what it writes to. Nothing may fail yet. */
  async prepare(): Promise<void> {
    for (let index = 0; index < ACCOUNTS; index++) {
      const account = await this.made('/v1/accounts', { kind: 'manual', name: this.tag, currency: 'USD' });
      const line = await this.made('/v1/transactions', this.line(account.id, `edited ${index}`));
      this.acknowledged.set(line.description, line.id);
      this.accounts.push({ id: account.id, edited: line.id, edits: 0 });
    }
  }

  start(): void {
    this.startedAt = performance.now();
    this.running = this.send();
  }

  /** Comes back when every request has ended. */
  async stop(): Promise<void> {
    this.isOver = true;
    await this.running;
    await Promise.all(this.underWay);
  }

  /** Until so many more good answers have come. */
  async more(count: number): Promise<void> {
    const until = this.answered + count;
    while (this.answered < until && this.faults.length === 0) await sleep(20);
  }

  /** Requests a second that were answered, on average. */
  get rate(): number {
    return Math.round((this.answered * MS) / (performance.now() - this.startedAt));
  }

  /** What is lost, doubled, or there though nobody asked for it. */
  async judge(): Promise<string[]> {
    const wrong: string[] = [];
    const found = new Map<string, string[]>();
    const rows: any[] = [];
    for (const { id } of this.accounts)
      rows.push(...(await this.api.pages(`/v1/accounts/${id}/transactions?limit=500`)));
    for (const { description, id } of rows) found.set(description, [...(found.get(description) ?? []), id]);
    for (const [description, id] of this.acknowledged) {
      const ids = found.get(description) ?? [];
      if (ids.length !== 1 || ids[0] !== id)
        wrong.push(`${description} was answered as ${id} and is ${ids.join(', ')}`);
    }
    for (const [description, ids] of found) {
      const isKnown = this.acknowledged.has(description) || this.unanswered.has(description);
      if (!isKnown || ids.length > 1) wrong.push(`${description} is there ${ids.length} times`);
    }
    for (const { edited, edits } of this.accounts) {
      const { version } = rows.find(({ id }) => id === edited);
      if (version !== 1 + edits) wrong.push(`a line that was edited ${edits} times has version ${version}`);
    }
    return wrong;
  }

  private async send(): Promise<void> {
    const began = performance.now();
    const kinds = [this.write, this.list, this.writeTwice, this.readBack, this.edit];
    for (let count = 0; !this.isOver; count++) {
      // At its own pace, however long answers take.
      await sleep(Math.max(0, began + (count * MS) / this.perSecond - performance.now()));
      if (this.isOver || this.underWay.size >= UNDER_WAY_MAX) continue;
      const one = kinds[count % kinds.length]!.call(this, count).finally(() => this.underWay.delete(one));
      this.underWay.add(one);
    }
  }

  private async write(count: number): Promise<void> {
    const line = this.line(this.account(count).id, String(count));
    this.note(line.description, await this.api.post('/v1/transactions', line));
  }

  /** As a client does that lost the answer: the same request again, with its key. */
  private async writeTwice(count: number): Promise<void> {
    const line = this.line(this.account(count).id, String(count));
    const headers = { 'idempotency-key': randomUUID() };
    const first = await this.api.post('/v1/transactions', line, { headers });
    this.note(line.description, first);
    const again = await this.api.post('/v1/transactions', line, { headers });
    if (this.isGood(201, 'POST again', again) && again.text !== first.text)
      this.faults.push(`the same request had another answer: ${again.text} after ${first.text}`);
  }

  private async list(count: number): Promise<void> {
    const { id } = this.account(count);
    this.isGood(200, 'GET list', await this.api.get(`/v1/accounts/${id}/transactions?limit=20`));
  }

  private async readBack(count: number): Promise<void> {
    const id = this.lastId ?? this.account(count).edited;
    this.isGood(200, 'GET one', await this.api.get(`/v1/transactions/${id}`));
  }

  private async edit(count: number): Promise<void> {
    const account = this.account(count);
    const answer = await this.api.patch(`/v1/transactions/${account.edited}`, { notes: String(count) });
    if (this.isGood(200, 'PATCH', answer)) account.edits += 1;
  }

  private account(count: number): (typeof this.accounts)[number] {
    return this.accounts[count % ACCOUNTS]!;
  }

  private note(description: string, answer: Answer): void {
    if (!this.isGood(201, 'POST', answer)) return void this.unanswered.add(description);
    this.acknowledged.set(description, answer.body.id);
    this.lastId = answer.body.id;
  }

  private isGood(expected: number, what: string, { status, text, server }: Answer): boolean {
    if (status === expected) {
      this.answered += 1;
      this.answeredBy.set(server, (this.answeredBy.get(server) ?? 0) + 1);
    } else this.faults.push(`${what} at ${server}: ${status} ${text}`);
    return status === expected;
  }

  private line(accountId: string, name: string): { description: string } & Record<string, string> {
    return { accountId, date: '2026-11-01', amount: '-1', description: `${this.tag} ${name}` };
  }

  private async made(path: string, wanted: object): Promise<any> {
    const { status, text, body } = await this.api.post(path, wanted);
    if (status !== 201) throw new Error(`POST ${path}: ${status} ${text}`);
    return body;
  }
}
