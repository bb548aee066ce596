// What everybody needs and a test replaces: the clock, the source of ids, the currencies.
import { type DynamicModule, Module } from '@nestjs/common';
import { Clock, SystemClock } from './clock.js';
import { Currencies, type PrivateCurrency } from './currency.js';
import { IdSource, UuidV7Source } from './ids.js';

@Module({})
export class CommonModule {
  static register(given: { currencies: readonly PrivateCurrency[]; clock?: Clock; ids?: IdSource }): DynamicModule {
    const clock = given.clock ?? new SystemClock();
    return {
      module: CommonModule,
      global: true,
      providers: [
        { provide: Clock, useValue: clock },
        { provide: IdSource, useValue: given.ids ?? new UuidV7Source(clock) },
        { provide: Currencies, useValue: new Currencies(given.currencies) },
      ],
      exports: [Clock, IdSource, Currencies],
    };
  }
}
