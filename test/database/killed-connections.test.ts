// Every connection ended again and again under load, through the whole service: no read fails, and no acknowledged write is lost or doubled.
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { expect, it } from 'vitest';
import { makeStore } from '../support/each-store.js';
import { allPages, bodyOf, openAccount } from '../support/builders.js';
import { share } from '../support/share.js';
import { TestApp } from '../support/test-app.js';

const DURATION_MS = share({ test: 5_000, prove: 60_000 });
const KILL_EVERY_MS = 300;
const CLIENTS = 8;

it('a dead connection is replaced, not handed to a request', { timeout: DURATION_MS + 60_000 }, async () => {
  const store = await makeStore('postgres');
  const killer = new pg.Client({ connectionString: store.environment['DATABASE_URL']! });
  await killer.connect();
  const app = await TestApp.start(store);
  try {
    // One each: what stands in line for one account's lock is killed in the line, again and again.
    const accounts = await Promise.all(Array.from({ length: CLIENTS }, () => openAccount(app)));
    const account = accounts[0];
    const until = performance.now() + DURATION_MS;
    const failures: string[] = [];
    const acknowledged = new Set<string>();
    const unknown = new Set<string>();
    let reads = 0;
    let killed = 0;
    /** Until the time is up and enough was tried, however slow the machine is. */
    const isOver = (): boolean => performance.now() >= until && reads > 50 && acknowledged.size > 20 && killed > 20;

    const reader = async (index: number): Promise<void> => {
      const urls = [
        `/v1/accounts/${account.id}`,
        '/v1/accounts',
        '/v1/transactions?limit=20',
        '/v1/transactions/totals',
        `/v1/accounts/${account.id}/balances`,
      ];
      for (let round = index; !isOver(); round++) {
        const url = urls[round % urls.length]!;
        const { status, text } = await app.get(url);
        reads++;
        if (status !== 200) failures.push(`GET ${url}: ${status} ${text}`);
        await sleep(0);
      }
    };
    const writer = async (index: number): Promise<void> => {
      for (let round = 0; !isOver(); round++) {
        const description = `w${index}-${round}`;
        const answer = await app.post('/v1/transactions', {
          accountId: accounts[index].id,
          date: '2026-11-01',
          amount: '-1.00',
          description,
        });
        if (answer.status === 201) acknowledged.add(description);
        else if (answer.status === 503 && answer.body?.code === 'outcome_unknown') unknown.add(description);
        else failures.push(`POST ${description}: ${answer.status} ${answer.text}`);
        await sleep(0);
      }
    };
    const killing = async (): Promise<void> => {
      while (!isOver()) {
        const { rows } = await killer.query(
          'SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()',
        );
        killed += rows.length;
        await sleep(KILL_EVERY_MS);
      }
    };
    await Promise.all([
      killing(),
      ...Array.from({ length: CLIENTS }, (_, index) => reader(index)),
      ...Array.from({ length: CLIENTS }, (_, index) => writer(index)),
    ]);

    expect(failures).toEqual([]);
    const descriptions = (await allPages(app, '/v1/transactions?limit=500')).map((line) => line.description as string);
    expect(new Set(descriptions).size).toBe(descriptions.length);
    for (const description of acknowledged) expect(descriptions).toContain(description);
    for (const description of descriptions)
      expect(acknowledged.has(description) || unknown.has(description)).toBe(true);
    expect((await bodyOf(app.get('/readyz'))).status).toBe('ok');
  } finally {
    await app.stop();
    await killer.end();
    await store.dispose();
  }
});
