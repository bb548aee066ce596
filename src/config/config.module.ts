import { type DynamicModule, Module } from '@nestjs/common';
import { ConfigModule, ConfigService } from '@nestjs/config';
import type { Variables } from './read-environment.js';
import { readSettings, Settings } from './settings.js';

/**
 * Gives every module the `Settings`, by class. It is told its environment, so that a test hands in its own; nothing is
 * read from `process.env` behind its back, nothing is written to it, and no `.env` file is loaded.
 */
@Module({})
export class AppConfigModule {
  /**
   * @param given variables to read, or settings that an entry point has read already
   * @throws {ConfigurationInvalid} at once, not through a promise that the framework looks at later
   */
  static register(given: Variables | Settings): DynamicModule {
    const settings = given instanceof Settings ? given : readSettings(given);
    return {
      module: AppConfigModule,
      global: true,
      imports: [
        ConfigModule.forRoot({
          ignoreEnvFile: true,
          validatePredefined: false,
          skipProcessEnv: true,
          validate: () => ({ settings }),
        }),
      ],
      providers: [
        {
          provide: Settings,
          useFactory: (config: ConfigService) => config.getOrThrow<Settings>('settings'),
          inject: [ConfigService],
        },
      ],
      exports: [Settings],
    };
  }
}
