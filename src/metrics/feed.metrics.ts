// Banks, and how well they are followed.
import { Counter, Histogram, type Registry } from 'prom-client';
import { type FeedTally } from '../feeds/port/feed-tally.js';
import { type WebhookCounts } from '../feeds/webhooks/webhook-counts.js';
import { counter, gauge } from './instruments.js';

const QUESTION_SECONDS = [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];
const SYNC_SECONDS = [0.1, 0.5, 1, 2.5, 5, 10, 30, 60, 300];
const CHANGES = ['inserted', 'updated', 'removed'] as const;

export function registerFeeds(registry: Registry, tally: FeedTally): void {
  const registers = [registry];
  const questions = new Histogram({
    name: 'passbook_feed_question_duration_seconds',
    help: 'How long banks took to answer, by feed and question.',
    labelNames: ['feed', 'question'],
    buckets: QUESTION_SECONDS,
    registers,
  });
  const refusals = new Counter({
    name: 'passbook_feed_refusals_total',
    help: 'Questions that a bank refused or answered wrongly, by the code that it has here; `fault`: a bug of ours.',
    labelNames: ['feed', 'code'],
    registers,
  });
  const syncs = new Counter({
    name: 'passbook_syncs_total',
    help: 'Syncs that have ended: `synced`, or the code of the first refusal.',
    labelNames: ['feed', 'outcome'],
    registers,
  });
  const durations = new Histogram({
    name: 'passbook_sync_duration_seconds',
    help: 'How long syncs took, all accounts of an enrollment together.',
    labelNames: ['feed'],
    buckets: SYNC_SECONDS,
    registers,
  });
  const lines = new Counter({
    name: 'passbook_sync_lines_total',
    help: 'Lines that syncs inserted, updated or removed.',
    labelNames: ['feed', 'change'],
    registers,
  });
  gauge(registry, { name: 'passbook_syncs_running', help: 'Syncs of this process that are under way.' }, () => [
    [tally.running],
  ]);
  tally.observe({
    asked(feed, question, tookMs, code) {
      questions.observe({ feed, question }, tookMs / 1_000);
      if (code !== undefined) refusals.inc({ feed, code });
    },
    synced(feed, outcome, tookMs, changed) {
      syncs.inc({ feed, outcome });
      durations.observe({ feed }, tookMs / 1_000);
      for (const change of CHANGES) lines.inc({ feed, change }, changed[change]);
    },
  });
}

export function registerWebhooks(registry: Registry, counts: WebhookCounts): void {
  counter(
    registry,
    {
      name: 'passbook_webhooks_total',
      help: 'Webhooks, by what they were and what became of them.',
      labels: ['type', 'outcome'],
    },
    () => counts.snapshot().webhooks.map(({ type, outcome, count }) => [count, { type, outcome }] as const),
  );
  counter(
    registry,
    {
      name: 'passbook_webhooks_unknown_total',
      help: 'Accounts and enrollments that webhooks named, of which none is known here.',
    },
    () => [[counts.snapshot().unknown]],
  );
}
