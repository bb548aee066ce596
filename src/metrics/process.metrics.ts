// The process itself, under the names that every service of Node has; and its event loop, on which everything waits.
import { readdirSync } from 'node:fs';
import { Histogram, type Registry } from 'prom-client';
import { counter, gauge, type Sample } from './instruments.js';

const LOOK_MS = 100;
const LAG_SECONDS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5];
const OPEN_FILES = '/proc/self/fd';

export class ProcessMetrics {
  private readonly lag: Histogram;
  private dueMs = performance.now() + LOOK_MS;
  private readonly timer = setInterval(() => this.look(), LOOK_MS).unref();

  constructor(registry: Registry) {
    this.lag = new Histogram({
      name: 'passbook_event_loop_lag_seconds',
      help: 'How late the event loop came to what was due, looked at ten times a second.',
      buckets: LAG_SECONDS,
      registers: [registry],
    });
    counter(
      registry,
      {
        name: 'passbook_event_loop_active_seconds_total',
        help: 'How long the event loop was at work; its rate is the share of time, 1 at most.',
      },
      () => [[performance.eventLoopUtilization().active / 1_000]],
    );
    registerProcess(registry);
  }

  stop(): void {
    clearInterval(this.timer);
  }

  private look(): void {
    const now = performance.now();
    this.lag.observe(Math.max(0, now - this.dueMs) / 1_000);
    this.dueMs = now + LOOK_MS;
  }
}

function registerProcess(registry: Registry): void {
  const startedAt = Date.now() / 1_000 - process.uptime();
  counter(registry, { name: 'process_cpu_seconds_total', help: 'Time of processors that the process used.' }, () => {
    const { user, system } = process.cpuUsage();
    return [[(user + system) / 1e6]];
  });
  gauge(registry, { name: 'process_start_time_seconds', help: 'When it started, in seconds since 1970.' }, () => [
    [startedAt],
  ]);
  gauge(registry, { name: 'process_resident_memory_bytes', help: 'Memory that it has from the system.' }, () => [
    [process.memoryUsage.rss()],
  ]);
  gauge(registry, { name: 'nodejs_heap_size_used_bytes', help: 'Of its heap, what is in use.' }, () => [
    [process.memoryUsage().heapUsed],
  ]);
  gauge(registry, { name: 'process_open_fds', help: 'Open files and sockets. On Linux only.' }, openFiles);
}

function openFiles(): readonly Sample<never>[] {
  try {
    return [[readdirSync(OPEN_FILES).length]];
  } catch {
    return [];
  }
}
