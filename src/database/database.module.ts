// The door, for Nest. DataSources are made and closed by @nestjs/typeorm; they are opened by the StoreKeeper.
import {
  type OnApplicationShutdown,
  type DynamicModule,
  Inject,
  Logger,
  Module,
  type OnModuleInit,
} from '@nestjs/common';
import { getDataSourceToken, TypeOrmModule } from '@nestjs/typeorm';
import { type DataSource } from 'typeorm';
import { Settings } from '../config/settings.js';
import { dataSourceOptions, SOURCE_NAMES } from './data-sources.js';
import { Database } from './database.js';
import { type Engine } from './engine.js';
import { makeEngine } from './open-engine.js';
import { type EntityClass } from './schema/entity.js';
import { statementLog, StatementWatch } from './statement-log.js';
import { StoreKeeper } from './store-keeper.js';

export const ENGINE = Symbol('engine');

@Module({})
export class DatabaseModule implements OnModuleInit, OnApplicationShutdown {
  constructor(@Inject(StoreKeeper) private readonly keeper: StoreKeeper) {}

  static register(settings: Settings, entities: readonly EntityClass[]): DynamicModule {
    const names = SOURCE_NAMES[settings.store.engine];
    const log = new Logger('Database');
    const watch = new StatementWatch();
    const statements = statementLog(settings.queries, log, watch);
    return {
      module: DatabaseModule,
      global: true,
      imports: names.map((name) =>
        TypeOrmModule.forRootAsync({
          name,
          useFactory: () => ({
            ...dataSourceOptions(settings, entities, name, statements),
            manualInitialization: true,
          }),
        }),
      ),
      providers: [
        { provide: StatementWatch, useValue: watch },
        {
          provide: ENGINE,
          inject: names.map((name) => getDataSourceToken(name)),
          useFactory: (...sources: DataSource[]): Engine =>
            makeEngine(settings, (name) => sources[(names as readonly string[]).indexOf(name)]!, statements, true),
        },
        {
          provide: StoreKeeper,
          inject: [ENGINE],
          useFactory: (engine: Engine) => new StoreKeeper(engine, (message) => log.warn(message)),
        },
        {
          provide: Database,
          inject: [ENGINE],
          useFactory: (engine: Engine) => new Database(engine, (message, error) => log.error({ err: error }, message)),
        },
      ],
      exports: [ENGINE, StoreKeeper, Database, StatementWatch],
    };
  }

  async onModuleInit(): Promise<void> {
    await this.keeper.start();
  }

  async onApplicationShutdown(): Promise<void> {
    await this.keeper.close();
  }
}
