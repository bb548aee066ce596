import { type DynamicModule, Module } from '@nestjs/common';
import { TerminusModule } from '@nestjs/terminus';
import { Settings } from '../config/settings.js';
import { ENGINE } from '../database/database.module.js';
import { type Engine } from '../database/engine.js';
import { StoreInspector } from '../database/store-condition.js';
import { StoreKeeper } from '../database/store-keeper.js';
import { HealthController } from './health.controller.js';
import { Readiness } from './readiness.js';

@Module({})
export class HealthModule {
  /** @param migrations ids of those that this program needs: a store that lacks one is not ready */
  static register(migrations: readonly string[]): DynamicModule {
    return {
      module: HealthModule,
      imports: [TerminusModule.forRoot({ logger: false })],
      controllers: [HealthController],
      providers: [
        Readiness,
        {
          provide: StoreInspector,
          inject: [ENGINE, StoreKeeper, Settings],
          useFactory: (engine: Engine, keeper: StoreKeeper, { readyCheckTimeoutMs }: Settings) =>
            new StoreInspector(engine, keeper, readyCheckTimeoutMs, migrations),
        },
      ],
    };
  }
}
