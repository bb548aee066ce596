import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { configurationPage } from '../../src/config/configuration-page.js';
import { Environment } from '../../src/config/environment.js';
import { settingsOf } from '../../src/config/setting.js';
import { readStoreUrl } from '../../src/config/store-target.js';

describe('docs/configuration.md', () => {
  it('is what the class of variables says', () => {
    const page = readFileSync(new URL('../../docs/configuration.md', import.meta.url), 'utf8');
    expect(page).toBe(configurationPage());
  });

  it('names every variable once in its tables', () => {
    for (const { variable } of settingsOf(Environment)) {
      expect(configurationPage().split(`\n| \`${variable}\` `)).toHaveLength(2);
    }
  });

  it('shows only URLs that are understood', () => {
    const shown = configurationPage().match(/(postgresql|sqlite|file):[^\s`']{8,}/g) ?? [];
    expect(shown.length).toBeGreaterThan(8);
    for (const url of shown) {
      if (url.endsWith('://') || url.includes('sslmode=verify-full')) continue;
      expect(readStoreUrl(url, { variable: 'DATABASE_URL', cwd: '/' }).variable).toBe('DATABASE_URL');
    }
  });
});
