// The same transfer by SQL, one a transaction: pgbench with prepared statements, each of its own.
import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { finished } from './finished.mjs';
import { openFolder } from './tether.mjs';

const ACCOUNT = (/** @type {string} */ variable) => `'acc_' || lpad(to_hex(:${variable}::int), 32, '0')`;

const LINE = (/** @type {string} */ account, /** @type {string} */ amount, /** @type {string} */ balance) => `
INSERT INTO transactions (id, owner, account_id, date, amount, currency, description, category_set, status, type, running_balance,
  source, search_text, version, created_at, updated_at, transfer_id)
VALUES ('txn_' || lpad(to_hex(nextval('bench_places')), 32, '0'), 'default', ${ACCOUNT(account)}, CURRENT_DATE, ${amount}, 'USD', 'bench', false,
  'posted', 'transfer', :${balance}, 'transfer', 'bench', 1, now(), now(), :transfer);`;

/** What Passbook leaves of a transfer, without its entry and its place in a chain: accounts locked in order, moved, two lines, a kept key. */
const TRANSFER = `
BEGIN;
SELECT id FROM accounts WHERE id IN (${ACCOUNT('from')}, ${ACCOUNT('to')}) ORDER BY id FOR NO KEY UPDATE;
UPDATE accounts SET ledger = ledger - 1, last_line_at = now(), money_version = money_version + 1 WHERE id = ${ACCOUNT('from')} RETURNING ledger AS paid \\gset
UPDATE accounts SET ledger = ledger + 1, last_line_at = now(), money_version = money_version + 1 WHERE id = ${ACCOUNT('to')} RETURNING ledger AS got \\gset
INSERT INTO transfers (id, seq, at, kind, actor, entry, hash)
SELECT 'trf_' || lpad(to_hex(n), 32, '0'), n, now(), 'transfer', 'bench', '', '' FROM nextval('bench_places') n RETURNING id AS transfer \\gset
${LINE('from', '-1', 'paid')}
${LINE('to', '1', 'got')}
INSERT INTO idempotency_keys (id, operation, fingerprint, claim, claimed_at, answer, sealed)
VALUES (replace(gen_random_uuid()::text, '-', ''), 'POST /v1/transfers', '', '', now(), '{}', false);
COMMIT;
`;

const PICKS = {
  uniform: (/** @type {number} */ accounts) =>
    `\\set from random(1, ${accounts})\n\\set step random(1, ${accounts} - 1)\n\\set to 1 + (:from - 1 + :step) % ${accounts}\n`,
  hot: (/** @type {number} */ accounts) =>
    `\\set other random(2, ${accounts})\n\\set side random(0, 1)\n\\set from case when :side = 0 then 1 else :other end\n\\set to case when :side = 0 then :other else 1 end\n`,
};

/** What its transfers need beside the schema. */
export const PGBENCH_SCHEMA = 'CREATE SEQUENCE bench_places CACHE 1000';

/**
 * @param {string} url
 * @param {{ pick: keyof typeof PICKS, accounts: number, clients: number, seconds: number }} how
 * @returns {Promise<{ rate: number, p50: number, p99: number }>}
 */
export async function transferByPgbench(url, { pick, accounts, clients, seconds }) {
  const folder = openFolder('pgbench');
  const script = join(folder, 'transfer.sql');
  writeFileSync(script, PICKS[pick](accounts) + TRANSFER);
  const { hostname, port, username, password, pathname } = new URL(url);
  const where = ['-h', hostname, '-p', port, '-U', username, pathname.slice(1)];
  const how = ['-n', '-M', 'prepared', '-c', String(clients), '-j', '1', '-T', String(seconds), '-f', script, '-l'];
  const env = { ...process.env, PGPASSWORD: password };
  const { status, stdout, stderr } = await finished('pgbench', [...how, ...where], { cwd: folder, env });
  const rate = Number(/^tps = ([\d.]+)/m.exec(stdout)?.[1]);
  if (status !== 0 || !(rate > 0)) throw new Error(`pgbench said:\n${stdout}${stderr}`);
  const took = readdirSync(folder)
    .filter((name) => name.startsWith('pgbench_log'))
    .flatMap((name) => readFileSync(join(folder, name), 'latin1').trimEnd().split('\n'))
    .map((line) => Number(line.split(' ')[2]))
    .sort((one, other) => one - other);
  const at = (/** @type {number} */ share) => (took[Math.floor(took.length * share)] ?? 0) / 1000;
  return { rate, p50: at(0.5), p99: at(0.99) };
}

export function isPgbenchThere() {
  return spawnSync('pgbench', ['--version']).error === undefined;
}
