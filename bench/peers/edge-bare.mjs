// The same deeds as the service's routes, by the service's own classes, with nothing of the edge around them: no key, no checks, no limits, no
// headers, no log, no kept answers, no record of changes.
import Fastify from 'fastify';
import { load } from '../lib/dist.mjs';

const { Database } = await load('src/database/database.js');
// Nobody is told of any write: what recording costs is part of what is measured.
Database.prototype.observe = () => () => undefined;

const { readSettings } = await load('src/config/settings.js');
const { createServer } = await load('src/server.js');
const { Principal } = await load('src/auth/principal.js');
const { AccountsService } = await load('src/accounts/accounts.service.js');
const { TransactionsService } = await load('src/transactions/transactions.service.js');
const { BulkTransactionsService } = await load('src/transactions/bulk-transactions.service.js');
const { NewTransactionRequest } = await load('src/transactions/transactions.dto.js');

const service = await createServer(readSettings(process.env), { quiet: true });
await service.init();
const [accounts, transactions, bulk] = [AccountsService, TransactionsService, BulkTransactionsService].map((one) =>
  service.get(one, { strict: false }),
);
const caller = new Principal(
  { keyId: 'key_bench', scope: 'admin', owner: undefined },
  { name: 'bench', requestId: null },
);

const app = Fastify({ bodyLimit: 8 * 1_048_576 });
app.get('/v1/accounts/:id', ({ params }) => accounts.get(caller, params.id));
app.get('/v1/transactions', ({ query }) => transactions.list(caller, { ...query, limit: Number(query.limit) }));
app.post('/v1/transactions', (request, reply) => {
  reply.status(201);
  return transactions.create(caller, Object.assign(new NewTransactionRequest(), request.body));
});
app.post('/v1/transactions/bulk', ({ body }) => bulk.create(caller, body));

console.log(`listening on ${await app.listen({ host: '127.0.0.1', port: 0 })}`);
process.once('SIGTERM', () => process.exit());
