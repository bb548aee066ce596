// Rows through the service's own door: one transaction a batch.
import { load } from '../lib/dist.mjs';
import { serveWriter } from '../lib/writers.mjs';

const { readSettings } = await load('src/config/settings.js');
const { openDatabase } = await load('src/database/standalone.js');
const { ofEveryOwner } = await load('src/database/scope.js');
const { ENTITIES } = await load('src/entities.js');
const { AccountTransaction } = await load('src/transactions/account-transaction.entity.js');

const { database, close } = await openDatabase(readSettings(process.env), ENTITIES, { serves: true });
const scope = ofEveryOwner('a bench fills the store');
serveWriter((rows) => database.transact(scope, (tx) => tx.insert(AccountTransaction, rows)), close);
