// The probes. Truthful: ready means that the store answers now, at the schema that this program needs.
import { Controller, Get, Res, ServiceUnavailableException } from '@nestjs/common';
import { ApiResponse, ApiTags } from '@nestjs/swagger';
import { HealthCheck, HealthCheckService, type HealthCheckResult, HealthIndicatorService } from '@nestjs/terminus';
import { type FastifyReply } from 'fastify';
import { Public } from '../auth/access.js';
import { Settings } from '../config/settings.js';
import { type StoreCondition, StoreInspector } from '../database/store-condition.js';
import { Deprecated } from '../http/deprecated.js';
import { TakesAnything } from '../http/takes-anything.js';
import { HealthReport, Liveness } from './health.dto.js';
import { Readiness } from './readiness.js';

const NOT_READY = 'The store does not answer, its schema is behind, or the process is stopping.';

/** They answer on as they always did; what is new asks /livez and /readyz. */
const LegacyProbe = Deprecated({ since: '2026-11-21', link: '/docs' });

@ApiTags('health')
@TakesAnything()
@Controller()
export class HealthController {
  constructor(
    private readonly health: HealthCheckService,
    private readonly indicator: HealthIndicatorService,
    private readonly inspector: StoreInspector,
    private readonly readiness: Readiness,
    private readonly settings: Settings,
  ) {}

  /** Whether the process runs and answers. Restart it when it does not; a store that is down is no reason to. */
  @Get('livez')
  @Public()
  livez(): Liveness {
    return { status: 'ok' };
  }

  /** Whether to send requests here. */
  @Get('readyz')
  @Public()
  @HealthCheck()
  async readyz(@Res() reply: FastifyReply): Promise<void> {
    const { status, body } = await this.check();
    await reply.status(status).header('cache-control', 'no-store').send(body);
  }

  /** Readiness with the fields that older applications promised. */
  @Get('health')
  @LegacyProbe
  @Public()
  @ApiResponse({ status: 200, type: HealthReport })
  @ApiResponse({ status: 503, type: HealthReport, description: NOT_READY })
  async healthReport(@Res() reply: FastifyReply): Promise<void> {
    await this.report(reply);
  }

  /** The same as /health. */
  @Get('readiness')
  @LegacyProbe
  @Public()
  @ApiResponse({ status: 200, type: HealthReport })
  @ApiResponse({ status: 503, type: HealthReport, description: NOT_READY })
  async readinessReport(@Res() reply: FastifyReply): Promise<void> {
    await this.report(reply);
  }

  private async check(): Promise<{ status: number; body: HealthCheckResult; store: StoreCondition }> {
    const store = await this.inspector.inspect();
    try {
      return {
        status: 200,
        body: await this.health.check([() => this.storeCheck(store), () => this.processCheck()]),
        store,
      };
    } catch (error) {
      if (!(error instanceof ServiceUnavailableException)) throw error;
      return { status: 503, body: error.getResponse() as HealthCheckResult, store };
    }
  }

  private storeCheck({ reachable, schema, pending, fault }: StoreCondition) {
    const store = this.indicator.check('store');
    const about = { driver: this.settings.store.engine, reachable, schema, pending };
    return fault === undefined ? store.up(about) : store.down({ ...about, message: fault });
  }

  private processCheck() {
    const process = this.indicator.check('process');
    return this.readiness.isStopping ? process.down({ message: 'stopping' }) : process.up();
  }

  private async report(reply: FastifyReply): Promise<void> {
    const { status, body, store } = await this.check();
    const { reachable, schema, fault } = store;
    const report: HealthReport = {
      status: body.status === 'ok' ? 'ok' : 'unavailable',
      db: reachable ? 'ok' : 'unreachable',
      db_driver: this.settings.store.engine,
      db_url_kind: this.settings.store.urlKind,
      migrations_applied: schema === 'current' || schema === 'ahead',
      ...(fault === undefined ? {} : { detail: fault }),
    };
    await reply.status(status).header('cache-control', 'no-store').send(report);
  }
}
