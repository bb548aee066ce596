// How many webhooks came since the start of this process, by what they were and what became of them.
import { Injectable } from '@nestjs/common';

/** Of a name and an outcome there are only so many: both are this service's own words, never the sender's. */
export interface WebhookCount {
  readonly type: string;
  readonly outcome: string;
  readonly count: number;
}

@Injectable()
export class WebhookCounts {
  private readonly counts = new Map<string, { type: string; outcome: string; count: number }>();
  private unknown = 0;

  /** @param unknown how many accounts and enrollments it named of which none is known here */
  note(type: string, outcome: string, unknown = 0): void {
    const key = `${type} ${outcome}`;
    const there = this.counts.get(key);
    if (there === undefined) this.counts.set(key, { type, outcome, count: 1 });
    else there.count++;
    this.unknown += unknown;
  }

  snapshot(): { readonly webhooks: readonly WebhookCount[]; readonly unknown: number } {
    return { webhooks: [...this.counts.values()].map((one) => ({ ...one })), unknown: this.unknown };
  }
}
