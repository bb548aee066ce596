// The search of the log for secrets finds what it must: in every spelling, wherever it stands; and what shows nothing does not pass.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { judgeLogs, searchLogs } from '../../scripts/lib/leaks.mjs';
import { temporaryFolder } from '../support/temporary-folder.js';

const SECRET = 'Gé/heim @ 100%:"\\';
const KEY = `pbk_${'Ab3-'.repeat(10)}xyz`;

let folder: string;
let said: string[];
beforeEach(() => {
  folder = mkdtempSync(join(temporaryFolder(), 'passbook-leaks-'));
  said = [];
  vi.spyOn(console, 'log').mockImplementation((line: string) => void said.push(line));
});
afterEach(() => {
  vi.restoreAllMocks();
  rmSync(folder, { recursive: true });
});

const write = (name: string, ...lines: string[]): void =>
  writeFileSync(join(folder, name), lines.map((line) => `${line}\n`).join(''));
const secrets = (): void => write('secrets-1.jsonl', JSON.stringify(SECRET), JSON.stringify(KEY));

describe('a leak', () => {
  it.each([
    ['as it is', SECRET],
    ['in JSON', JSON.stringify({ url: SECRET })],
    ['in a URL', `postgres://me:${encodeURIComponent(SECRET)}@127.0.0.1/bank`],
    ['in base64', Buffer.from(SECRET).toString('base64')],
    ['in hexadecimal', Buffer.from(SECRET).toString('hex')],
    ['right after what begins like it', `pbk_Ab3-${SECRET}`],
  ])('%s is found, with its line', (_, text) => {
    secrets();
    write('worker-1.log', '{"msg":"one"}', `{"msg":"two ${text} three"}`, '{"msg":"four"}');
    expect(searchLogs(folder)).toEqual({
      lines: 3,
      secrets: 2,
      leaks: [`worker-1.log:2 holds "Gé/h…" (${SECRET.length} characters)`],
    });
  });

  it('is found at the very beginning, at the very end and in every file', () => {
    secrets();
    write('a.log', KEY);
    writeFileSync(join(folder, 'b.log'), `x${KEY}`);
    expect(searchLogs(folder).leaks).toHaveLength(2);
  });

  it('fails the run', () => {
    secrets();
    write('a.log', KEY);
    expect(judgeLogs(folder, { isWhole: false })).toEqual({ passed: 0, failed: 1, skipped: 0 });
    expect(said[0]).toBe('✗ secrets in the log: 1 found, of 2 looked for in 1 lines');
    expect(said.join()).not.toContain(KEY);
  });
});

describe('what holds none', () => {
  it('passes, with how much was searched', () => {
    secrets();
    write('a.log', KEY.slice(0, -1), SECRET.slice(1), 'pbk_Ab3-');
    expect(judgeLogs(folder, { isWhole: true })).toEqual({ passed: 1, failed: 0, skipped: 0 });
    expect(said).toEqual(['✓ secrets in the log: 0 found, of 2 looked for in 3 lines']);
  });
});

describe.each([
  ['no folder', () => rmSync(folder, { recursive: true })],
  ['no line', secrets],
  ['no secret', () => write('a.log', '{}')],
])('of a run with %s', (_, make) => {
  it('nothing is said when it was a part, and a whole one fails', () => {
    make();
    expect(judgeLogs(folder, { isWhole: false })).toEqual({ passed: 0, failed: 0, skipped: 0 });
    expect(said).toEqual(['– secrets in the log: these tests log nothing or use none']);
    expect(judgeLogs(folder, { isWhole: true })).toEqual({ passed: 0, failed: 1, skipped: 0 });
    mkdirSync(folder, { recursive: true });
  });
});
