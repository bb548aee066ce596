// What was changed, by whom, and that nothing is done twice. Global: every floor above writes through it without asking.
import { Global, Module } from '@nestjs/common';
import { Clock } from '../common/clock.js';
import { IdSource } from '../common/ids.js';
import { Database } from '../database/database.js';
import { ChangeLog } from './change-log.js';
import { Forgetter } from './forgetter.js';
import { KeptAnswers } from './kept-answers.js';
import { Once } from './once.js';
import { Recorder } from './recorder.js';
import { Sequencer } from './sequencer.js';

@Global()
@Module({
  providers: [ChangeLog, Forgetter, KeptAnswers, Once, Sequencer],
  exports: [ChangeLog, KeptAnswers, Once, Sequencer],
})
export class ChangesModule {
  constructor(database: Database, clock: Clock, ids: IdSource) {
    // Before anything can write.
    new Recorder(clock, ids).attach(database);
  }
}
