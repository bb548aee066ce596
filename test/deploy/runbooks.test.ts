// What the runbooks name is there: commands, settings, codes of refusals, pages and their headings. What they show was printed once, and stays true
// only as long as these do.
import { existsSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { Environment } from '../../src/config/environment.js';
import { settingsOf } from '../../src/config/setting.js';
import { problemOfCommand } from './commands.js';
import { readText, ROOT } from './kube.js';

const FOLDER = 'docs/runbooks';
/** The variables that a page's own examples use, and those that belong to others. */
const OTHER_NAMES = new Set(['PASSBOOK_API_KEY', 'ADMIN_URL', 'OLD_DATABASE_URL', 'UPDATE_GOLDEN', 'EAI_AGAIN']);
const SETTINGS = new Set(settingsOf(Environment).map(({ variable }) => variable));
const ERRORS = readText('docs/errors.md');

const PAGES = readdirSync(`${ROOT}${FOLDER}`).map((name) => ({ name, text: readText(`${FOLDER}/${name}`) }));

/** As GitHub makes it. */
function anchorsOf(text: string): string[] {
  return [...text.matchAll(/^#+ (.+)$/gm)].map(([, title]) =>
    title!
      .toLowerCase()
      .replaceAll(/[^\w -]/g, '')
      .replaceAll(' ', '-'),
  );
}

/** Typed after a prompt, up to what the shell does with it. */
function commandsOf(text: string): string[][] {
  return [...text.matchAll(/^\s*\$ ((?:passbook|node) [^|;#\n]*)/gm)].map(([, line]) =>
    (line!.match(/"[^"]*"|\S+/g) ?? []).map((word) => word.replaceAll('"', '')),
  );
}

describe.each(PAGES)('$name', ({ text }) => {
  it('names commands that exist', () => {
    expect(commandsOf(text).flatMap((words) => problemOfCommand(words) ?? [])).toEqual([]);
  });

  it('names settings that exist', () => {
    const named = [...text.matchAll(/\b([A-Z]+(?:_[A-Z]+)+)\b/g)].map(([, name]) => name!);
    expect(named.filter((name) => !SETTINGS.has(name) && !OTHER_NAMES.has(name))).toEqual([]);
  });

  it('shows refusals that exist', () => {
    const codes = [...text.matchAll(/"code":"(\w+)"/g)].map(([, code]) => code!).filter((code) => /[a-z]/.test(code));
    expect(codes.filter((code) => !ERRORS.includes(`\`${code}\``))).toEqual([]);
  });

  it('leads to pages and headings that exist', () => {
    for (const [, path = '', anchor] of text.matchAll(/\]\(([^)#]*)(?:#([^)]+))?\)/g)) {
      const page = path === '' ? undefined : join(dirname(`${FOLDER}/x`), path);
      expect(page === undefined || existsSync(`${ROOT}${page}`), path).toBe(true);
      if (anchor !== undefined) expect(anchorsOf(page === undefined ? text : readText(page))).toContain(anchor);
    }
  });
});

it('every runbook is found, and they say something', () => {
  expect(PAGES.length).toBeGreaterThan(8);
  expect(PAGES.flatMap(({ text }) => commandsOf(text)).length).toBeGreaterThan(25);
});
