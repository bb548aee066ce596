// The words by which statements are counted: few, whatever the texts.
import { expect, it } from 'vitest';
import { OTHER_OPERATION, StatementOperations } from '../../src/database/statement-operation.js';

it.each([
  ['SELECT t.id FROM transactions t WHERE t.owner = $1', 'select transactions'],
  ['select 1', 'select'],
  ['INSERT INTO changes (id) SELECT * FROM UNNEST($1::text[])', 'insert changes'],
  [
    'UPDATE accounts t SET name = u.c0 FROM UNNEST($1::text[]) AS u(c0) WHERE t.id = u.c0 RETURNING t.id',
    'update accounts',
  ],
  ['DELETE FROM idempotency_keys t USING UNNEST($1::text[]) AS u(c0) WHERE t.key = u.c0', 'delete idempotency_keys'],
  ['WITH old AS (SELECT k.id FROM api_keys k) SELECT * FROM old', 'select api_keys'],
  ['SELECT x.id FROM (SELECT b.id FROM balances b) x', 'select balances'],
  ['SELECT "Account"."id" FROM "accounts" "Account"', 'select accounts'],
  ['BEGIN ISOLATION LEVEL READ COMMITTED', 'begin'],
  ['COMMIT', 'commit'],
  ['PRAGMA page_size', 'pragma'],
  ['', OTHER_OPERATION],
])('%s', (text, operation) => {
  expect(new StatementOperations().of(text)).toBe(operation);
});

it('counts what there is too much of together', () => {
  const operations = new StatementOperations();
  const all = new Set(Array.from({ length: 5_000 }, (_, number) => operations.of(`SELECT 1 FROM t_${number}`)));
  expect(all.size).toBe(201);
  expect(all).toContain(OTHER_OPERATION);
  expect(operations.of('SELECT 2 FROM t_0')).toBe('select t_0');
});
