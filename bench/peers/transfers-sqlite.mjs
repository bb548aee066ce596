// Fastify and better-sqlite3 with nothing between them: a transfer a request, a transaction each. No key, no checks, no entry, no chain; the key is kept.
import { randomBytes, randomUUID } from 'node:crypto';
import Database from 'better-sqlite3';
import Fastify from 'fastify';

const database = new Database(process.env.STORE_URL?.replace(/^sqlite:\/\/\//, ''), { fileMustExist: true });
database.pragma('journal_mode = WAL');
database.pragma('synchronous = FULL');
database.pragma('foreign_keys = ON');
const { next } = /** @type {{ next: number }} */ (
  database.prepare('SELECT COALESCE(MAX(seq), 0) + 1 AS next FROM transfers').get()
);
let seq = next;

const find = database.prepare('SELECT ledger, held, overdraft_limit FROM accounts WHERE id = ?');
const move = database.prepare(
  'UPDATE accounts SET ledger = ?, last_line_at = ?, money_version = money_version + 1 WHERE id = ?',
);
const keepTransfer = database.prepare(
  "INSERT INTO transfers (id, seq, at, kind, actor, entry, hash) VALUES (?, ?, ?, 'transfer', 'bench', '', '')",
);
const keepLine = database.prepare(
  `INSERT INTO transactions (id, owner, account_id, date, amount, currency, description, category_set, status, type, running_balance,
     source, search_text, version, created_at, updated_at, transfer_id)
   VALUES (?, 'default', ?, ?, ?, 'USD', ?, 0, 'posted', 'transfer', ?, 'transfer', ?, 1, ?, ?, ?)`,
);
const keepKey = database.prepare(
  `INSERT INTO idempotency_keys (id, operation, fingerprint, claim, claimed_at, answer, sealed)
   VALUES (?, 'POST /v1/transfers', '', '', ?, ?, 0)`,
);

/** In the order of their making, as the service's own are. @param {string} prefix */
function newId(prefix) {
  return `${prefix}_${Date.now().toString(16).padStart(12, '0')}${randomBytes(10).toString('hex')}`;
}

/** @param {{ from: string, to: string, amount: string, memo: string }} asked @param {string} key */
function transfer({ from, to, amount, memo }, key) {
  database.exec('BEGIN IMMEDIATE');
  try {
    const units = Math.round(Number(amount) * 100);
    const at = new Date().toISOString();
    const id = newId('trf');
    const lines = [
      { accountId: from, amount: -units },
      { accountId: to, amount: units },
    ].map((line) => {
      const { ledger } = /** @type {{ ledger: number }} */ (find.get(line.accountId));
      const balance = ledger + line.amount;
      move.run(balance, at, line.accountId);
      return { ...line, id: newId('txn'), balance };
    });
    keepTransfer.run(id, seq++, at);
    for (const { id: lineId, accountId, amount: moved, balance } of lines)
      keepLine.run(lineId, accountId, at.slice(0, 10), moved, memo, balance, memo, at, at, id);
    const answer = { id, at, lines };
    keepKey.run(key, at, JSON.stringify(answer));
    database.exec('COMMIT');
    return answer;
  } catch (error) {
    database.exec('ROLLBACK');
    throw error;
  }
}

const app = Fastify();
app.post('/v1/transfers', async (request, reply) => {
  reply.status(201);
  return transfer(/** @type {any} */ (request.body), String(request.headers['idempotency-key'] ?? randomUUID()));
});

console.log(`listening on ${await app.listen({ host: '127.0.0.1', port: 0 })}`);
process.once('SIGTERM', () => process.exit());
