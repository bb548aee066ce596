// Rows through the service's own door, recorded as the service records them: one transaction a batch.
import { load } from '../lib/dist.mjs';
import { serveWriter } from '../lib/writers.mjs';

const { readSettings } = await load('src/config/settings.js');
const { openDatabase } = await load('src/database/standalone.js');
const { ofEveryOwner } = await load('src/database/scope.js');
const { ENTITIES } = await load('src/entities.js');
const { Recorder } = await load('src/changes/recorder.js');
const { SystemClock } = await load('src/common/clock.js');
const { UuidV7Source } = await load('src/common/ids.js');
const { AccountTransaction } = await load('src/transactions/account-transaction.entity.js');

const { database, close } = await openDatabase(readSettings(process.env), ENTITIES, { serves: true });
const clock = new SystemClock();
new Recorder(clock, new UuidV7Source(clock)).attach(database);
const scope = ofEveryOwner('a bench fills the store');
serveWriter((rows) => database.transact(scope, (tx) => tx.insert(AccountTransaction, rows)), close);
