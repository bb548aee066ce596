import { Module } from '@nestjs/common';
import { TerminusModule } from '@nestjs/terminus';
import { Settings } from '../config/settings.js';
import { ENGINE } from '../database/database.module.js';
import { type Engine } from '../database/engine.js';
import { StoreInspector } from '../database/store-condition.js';
import { StoreKeeper } from '../database/store-keeper.js';
import { HealthController } from './health.controller.js';
import { Readiness } from './readiness.js';

@Module({
  imports: [TerminusModule.forRoot({ logger: false })],
  controllers: [HealthController],
  providers: [
    Readiness,
    {
      provide: StoreInspector,
      inject: [ENGINE, StoreKeeper, Settings],
      useFactory: (engine: Engine, keeper: StoreKeeper, settings: Settings) => new StoreInspector(engine, keeper, settings.readyCheckTimeoutMs),
    },
  ],
})
export class HealthModule {}
