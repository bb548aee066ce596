// Reading SQLite's definitions: what stands in quotes, comments and parentheses is no clause.
import { describe, expect, it } from 'vitest';
import {
  normalised,
  readIndexDefinition,
  readTableDefinition,
  tokensOf,
} from '../../src/database/schema/sqlite-definition.js';

describe('a table', () => {
  it.each([
    [
      'a name or none',
      'CREATE TABLE t (a TEXT CONSTRAINT ck CHECK (a > 0) CHECK (a < 9), CONSTRAINT "c k" CHECK (a <> 5))',
      {
        checks: [
          { name: 'ck', condition: 'a > 0' },
          { name: undefined, condition: 'a < 9' },
          { name: 'c k', condition: 'a <> 5' },
        ],
      },
    ],
    [
      'parentheses within strings and each other',
      "CREATE TABLE t (a TEXT, CONSTRAINT ck CHECK (a IN ('(', ')', 'it''s ((') AND (a <> ('x'))))",
      { checks: [{ name: 'ck', condition: "a in ('(', ')', 'it''s ((') and (a <> ('x'))" }] },
    ],
    [
      'commas within strings, quotes and comments',
      "CREATE TABLE t (\"a,b\" TEXT DEFAULT 'x, CHECK (1)', -- c TEXT CHECK (c),\n c TEXT /* , CHECK (2) */, CHECK (c <> ','))",
      { checks: [{ name: undefined, condition: "c <> ','" }] },
    ],
    [
      'a column called check',
      'CREATE TABLE t ("check" TEXT, [primary] TEXT COLLATE NOCASE, `on conflict` TEXT)',
      { checks: [], extras: [], primaryKey: undefined, collations: new Map([['primary', 'nocase']]) },
    ],
    [
      'keys',
      'CREATE TABLE t (a TEXT CONSTRAINT fk_a REFERENCES o ON DELETE SET NULL DEFERRABLE, b TEXT, CONSTRAINT pk_t PRIMARY KEY (a, b), CONSTRAINT fk_b FOREIGN KEY (b) REFERENCES o (x) NOT DEFERRABLE)',
      {
        primaryKey: 'pk_t',
        foreignKeys: [
          { name: 'fk_a', deferrable: 'yes' },
          { name: 'fk_b', deferrable: undefined },
        ],
      },
    ],
    [
      'generated columns',
      "CREATE TABLE t (a INT, b INT GENERATED ALWAYS AS (a + (1)) STORED, c AS (a || '('))",
      {
        generated: new Map([
          ['b', 'a + (1) stored'],
          ['c', "a || '(' virtual"],
        ]),
      },
    ],
    [
      'what changes how rows are written',
      'CREATE TABLE t (a INTEGER PRIMARY KEY AUTOINCREMENT, b TEXT UNIQUE ON CONFLICT IGNORE)',
      { extras: ['autoincrement', 'on conflict ignore'] },
    ],
    [
      'a comment that never ends',
      'CREATE TABLE t (a TEXT CHECK (a > 1)) /* and so on',
      { checks: [{ name: undefined, condition: 'a > 1' }] },
    ],
  ])('%s', (_, sql, read) => expect(readTableDefinition(sql)).toMatchObject(read));
});

describe('an index', () => {
  it.each([
    ['CREATE INDEX i ON t (a, b)', { columns: ['a', 'b'], where: undefined }],
    [
      'CREATE UNIQUE INDEX i ON "t" ("a" COLLATE NOCASE DESC, lower( b ) asc) WHERE a <> \'where (\' AND b',
      { columns: ['a', 'lower (b)'], where: "a <> 'where (' and b" },
    ],
  ])('%s', (sql, read) => expect(readIndexDefinition(sql)).toEqual(read));
});

it('what means the same reads the same', () => {
  const same = (a: string, b: string) => expect(normalised(tokensOf(a))).toBe(normalised(tokensOf(b)));
  same('a  IN(1,2)', 'A in ( 1 , 2 )');
  same('"a"<=`b`', '[a] <= b -- so it is');
  same("x'00' || 'A'", "X'00'||'A'");
  expect(normalised(tokensOf("a = 'A b'"))).not.toBe(normalised(tokensOf("a = 'a b'")));
});
