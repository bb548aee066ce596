// What of the service may be seen from outside: opened before it, so that nothing happens unseen. What is off is not even loaded.
import { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';
import { type Settings } from '../config/settings.js';
import { type LoggedFault } from '../http/nest-log.js';
import { Metrics } from './metrics.js';
import { type FaultReports } from './reports/fault-reports.js';
import { type Traces } from './traces/traces.js';

/** What is lost at the end of a process is lost: nobody waits longer for those who watch it. */
export const FLUSH_MS_MAX = 2_000;

export class Telemetry {
  private constructor(
    readonly metrics: Metrics | undefined,
    readonly traces: Traces | undefined,
    private readonly reports: FaultReports | undefined,
  ) {}

  static async open({ metrics, traces, reports, store }: Settings): Promise<Telemetry> {
    return new Telemetry(
      metrics.isOn ? new Metrics(store.engine) : undefined,
      traces === undefined ? undefined : (await import('./traces/traces.js')).openTraces(traces, store.engine),
      reports === undefined ? undefined : (await import('./reports/fault-reports.js')).openReports(reports),
    );
  }

  /** To be told of every request when it begins. */
  readonly request = (request: FastifyRequest, reply: FastifyReply): void => {
    this.metrics?.http.watch(request, reply);
  };

  /** To be told of every fault of the service that is logged. */
  readonly fault = (fault: LoggedFault): void => {
    this.metrics?.countFault();
    this.reports?.tell(fault);
  };

  /** Before anybody else looks at requests: what they do belongs to the trace. */
  follow(edge: FastifyInstance): void {
    this.traces?.follow(edge);
  }

  /** Sends what has not been sent yet, within `ms`, or not at all. Never fails. */
  async flush(ms = FLUSH_MS_MAX): Promise<void> {
    await Promise.all([this.traces?.flush(ms), this.reports?.flush(ms)]);
  }

  /** Nothing is seen any more. */
  async close(ms: number): Promise<void> {
    this.metrics?.stop();
    await this.flush(Math.min(ms, FLUSH_MS_MAX));
    this.traces?.close();
  }
}
