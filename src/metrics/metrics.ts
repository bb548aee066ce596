// All that is measured, and how it is told: Prometheus' text, made anew for each who asks.
import { Gauge, Registry } from 'prom-client';
import { VERSION } from '../common/version.js';
import { type StoreTarget } from '../config/store-target.js';
import { HttpMetrics } from './http.metrics.js';
import { counter } from './instruments.js';
import { ProcessMetrics } from './process.metrics.js';
import { type Reading } from './reading.js';

export class Metrics {
  readonly registry = new Registry();
  readonly http = new HttpMetrics(this.registry);
  private readonly process = new ProcessMetrics(this.registry);
  private readonly readings: Reading<unknown>[] = [];
  private faults = 0;

  constructor(engine: StoreTarget['engine']) {
    const build = { version: VERSION, node: process.versions.node, engine };
    new Gauge({
      name: 'passbook_build_info',
      help: 'Always 1; its labels say which program this is, and over which kind of store.',
      labelNames: Object.keys(build) as (keyof typeof build)[],
      registers: [this.registry],
    }).set(build, 1);
    counter(
      this.registry,
      {
        name: 'passbook_faults_total',
        help: 'Faults of the service itself that were logged: any is a bug.',
      },
      // Not by part: a series that begins with its first event is no increase.
      () => [[this.faults]],
    );
  }

  get contentType(): string {
    return this.registry.contentType;
  }

  /** What is to be asked before anything is told. */
  read(...readings: readonly Reading<unknown>[]): void {
    this.readings.push(...readings);
  }

  countFault(): void {
    this.faults++;
  }

  /** Comes back in bounded time, however the store is. */
  async text(): Promise<string> {
    await Promise.all(this.readings.map((reading) => reading.refresh()));
    return this.registry.metrics();
  }

  stop(): void {
    this.process.stop();
  }
}
