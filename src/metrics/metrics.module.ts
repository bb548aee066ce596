// Looks at everything below, once it is put together; nothing below knows of it.
import {
  type Abstract,
  type DynamicModule,
  Inject,
  Logger,
  Module,
  type OnApplicationBootstrap,
  type OnApplicationShutdown,
  type OnModuleInit,
  type Type,
} from '@nestjs/common';
import { HttpAdapterHost, ModuleRef } from '@nestjs/core';
import { type FastifyInstance } from 'fastify';
import { Admission } from '../auth/admission.js';
import { ApiKeysRepository } from '../auth/api-keys.repository.js';
import { Clock } from '../common/clock.js';
import { Settings } from '../config/settings.js';
import { ENGINE } from '../database/database.module.js';
import { Database } from '../database/database.js';
import { type Engine } from '../database/engine.js';
import { StatementWatch } from '../database/statement-log.js';
import { readStatistics } from '../database/read-statistics.js';
import { StoreInspector } from '../database/store-condition.js';
import { StoreKeeper } from '../database/store-keeper.js';
import { EnrollmentsRepository } from '../feeds/stored/enrollments.repository.js';
import { FeedTally } from '../feeds/port/feed-tally.js';
import { SyncTurnsRepository } from '../feeds/turns/sync-turns.repository.js';
import { WebhookCounts } from '../feeds/webhooks/webhook-counts.js';
import { type BookSources, readBooks, registerBooks } from './books.metrics.js';
import { registerFeeds, registerWebhooks } from './feed.metrics.js';
import { registerInFlight } from './in-flight.metrics.js';
import { type Metrics } from './metrics.js';
import { MetricsPort } from './metrics-port.js';
import { serveMetrics } from './metrics.route.js';
import { Reading } from './reading.js';
import { registerStatistics } from './statistics.metrics.js';
import { registerStore } from './store.metrics.js';
import { Telemetry } from './telemetry.js';

/** Asked by each scrape; the probe's own limit may be longer than a scraper has patience. */
const PROBE_MS_MAX = 1_500;
const ALWAYS = { keepMs: 0, waitMs: 2_000 };
/** Sizes and sums change slowly, and are not for nothing. */
const SELDOM = { keepMs: 30_000, waitMs: 1_000 };
const KNOWN_MIGRATIONS = Symbol('migrations');

@Module({})
export class MetricsModule implements OnModuleInit, OnApplicationBootstrap, OnApplicationShutdown {
  private readonly log = new Logger('Metrics');
  private port: MetricsPort | undefined;

  constructor(
    private readonly telemetry: Telemetry,
    private readonly settings: Settings,
    private readonly statements: StatementWatch,
    private readonly database: Database,
    private readonly keeper: StoreKeeper,
    @Inject(ENGINE) private readonly engine: Engine,
    @Inject(KNOWN_MIGRATIONS) private readonly migrations: readonly string[],
    private readonly modules: ModuleRef,
    private readonly host: HttpAdapterHost,
  ) {}

  /** @param migrations ids of those that this program needs */
  static register(telemetry: Telemetry, migrations: readonly string[]): DynamicModule {
    return {
      module: MetricsModule,
      providers: [
        { provide: Telemetry, useValue: telemetry },
        { provide: KNOWN_MIGRATIONS, useValue: migrations },
      ],
    };
  }

  onModuleInit(): void {
    const { metrics, traces } = this.telemetry;
    if (traces !== undefined) this.statements.observe(traces.statement);
    if (metrics !== undefined) this.measure(metrics);
  }

  async onApplicationBootstrap(): Promise<void> {
    const { metrics } = this.telemetry;
    const { port, host } = this.settings.metrics;
    if (metrics === undefined || port === undefined) return;
    this.port = new MetricsPort(metrics, { host, port });
    this.log.log(`metrics on ${await this.port.open()}`);
  }

  async onApplicationShutdown(): Promise<void> {
    await this.telemetry.close(this.settings.shutdownGraceMs / 2);
    await this.port?.close();
  }

  private measure(metrics: Metrics): void {
    const { engine, database, statements, keeper, settings } = this;
    const probeMs = Math.min(settings.readyCheckTimeoutMs, PROBE_MS_MAX);
    const inspector = new StoreInspector(engine, keeper, probeMs, this.migrations);
    const condition = new Reading(() => inspector.inspect(), ALWAYS);
    const statistics = new Reading(() => readStatistics(engine, settings.store), SELDOM);
    const books = new Reading(() => readBooks(this.bookSources()), SELDOM);
    metrics.read(condition, statistics, books);
    registerStore(metrics.registry, { engine, database, statements, condition });
    registerStatistics(metrics.registry, statistics);
    registerBooks(metrics.registry, books);
    registerFeeds(metrics.registry, this.found(FeedTally));
    registerWebhooks(metrics.registry, this.found(WebhookCounts));
    registerInFlight(metrics.registry, this.found(Admission).inFlight);
    serveMetrics(this.host.httpAdapter.getInstance<FastifyInstance>(), metrics);
  }

  private bookSources(): BookSources {
    return {
      database: this.database,
      enrollments: this.found(EnrollmentsRepository),
      turns: this.found(SyncTurnsRepository),
      keys: this.found(ApiKeysRepository),
      clock: this.found(Clock),
    };
  }

  /** Modules below export what others build on; what is only looked at is found wherever it stands. */
  private found<Provider>(type: Type<Provider> | Abstract<Provider>): Provider {
    return this.modules.get(type, { strict: false });
  }
}
