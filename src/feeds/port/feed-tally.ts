// How banks answer, and what syncs come to, for whoever counts: feeds and outcomes are this service's own words, of which there are few.
import { Injectable } from '@nestjs/common';
import { Refusal } from '../../common/domain-error.js';

/** What is no refusal is a bug. */
const FAULT = 'fault';
export const SYNCED = 'synced';

export interface LinesChanged {
  readonly inserted: number;
  readonly updated: number;
  readonly removed: number;
}

export interface FeedObserver {
  /** A question to a bank has been answered; `code` is that of its refusal, or `fault`. */
  asked(feed: string, question: string, tookMs: number, code: string | undefined): void;
  /** A sync has ended: `synced`, the code of the first refusal, or `fault`. */
  synced(feed: string, outcome: string, tookMs: number, lines: LinesChanged): void;
}

@Injectable()
export class FeedTally {
  private observers: readonly FeedObserver[] = [];
  private underWay = 0;

  /** Syncs of this process that run. */
  get running(): number {
    return this.underWay;
  }

  /** @param observer what it throws would end a sync: it throws nothing */
  observe(observer: FeedObserver): void {
    this.observers = [...this.observers, observer];
  }

  /** Asks, and tells how it went. */
  async asking<Answer>(feed: string, question: string, ask: () => Promise<Answer>): Promise<Answer> {
    const began = performance.now();
    try {
      const answer = await ask();
      this.tellAsked(feed, question, began);
      return answer;
    } catch (error) {
      this.tellAsked(feed, question, began, codeOf(error));
      throw error;
    }
  }

  /** Syncs, and tells how it went; of one that ends before its feed is known nothing. `feed` is asked at the end. */
  async syncing<Result>(
    sync: () => Promise<Result>,
    feed: () => string | undefined,
    cameTo: (result: Result) => { readonly outcome: string; readonly lines: LinesChanged },
  ): Promise<Result> {
    const began = performance.now();
    this.underWay++;
    try {
      const result = await sync();
      const { outcome, lines } = cameTo(result);
      this.tellSynced(feed(), outcome, began, lines);
      return result;
    } catch (error) {
      this.tellSynced(feed(), codeOf(error), began, { inserted: 0, updated: 0, removed: 0 });
      throw error;
    } finally {
      this.underWay--;
    }
  }

  private tellAsked(feed: string, question: string, began: number, code?: string): void {
    const tookMs = performance.now() - began;
    for (const observer of this.observers) observer.asked(feed, question, tookMs, code);
  }

  private tellSynced(feed: string | undefined, outcome: string, began: number, lines: LinesChanged): void {
    if (feed === undefined) return;
    const tookMs = performance.now() - began;
    for (const observer of this.observers) observer.synced(feed, outcome, tookMs, lines);
  }
}

function codeOf(error: unknown): string {
  return error instanceof Refusal ? error.code : FAULT;
}
