// The server. It never migrates and never makes a store: `node dist/src/migrate.js up` does, before.
import { Logger } from '@nestjs/common';
import { EXIT } from './common/exit-codes.js';
import { ConfigurationInvalid, describeProblems } from './config/configuration-invalid.js';
import { readSettings, type Settings } from './config/settings.js';
import { describeTarget } from './config/store-target.js';
import { StoreInUse } from './database/sqlite/server-lock.js';
import { endOnFault } from './end-on-fault.js';
import { listen } from './listen.js';
import { createServer } from './server.js';
import { stopOnSignal } from './stop-on-signal.js';

function settingsOrExit(): Settings {
  try {
    return readSettings(process.env);
  } catch (error) {
    if (!(error instanceof ConfigurationInvalid)) throw error;
    process.stderr.write(`${describeProblems(error)}\n`);
    process.exit(EXIT.configuration);
  }
}

const settings = settingsOrExit();
const app = await createServer(settings);
const log = new Logger('Server');
endOnFault(app);
const stopping = stopOnSignal(app, settings);
log.log(`store: ${describeTarget(settings.store)}`);
for (const warning of settings.warnings) log.warn(warning);
try {
  log.log(`listening on ${await listen(app, settings)}`);
} catch (error) {
  if (error instanceof StoreInUse) {
    process.stderr.write(`${error.message}\n`);
    process.exit(EXIT.inUse);
  }
  // Asked to end while it started, it has ended instead of listening.
  if (!stopping.isUnderWay) throw error;
}
