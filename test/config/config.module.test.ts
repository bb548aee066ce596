import { Injectable, Module } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import { describe, expect, it } from 'vitest';
import { AppConfigModule } from '../../src/config/config.module.js';
import { ConfigurationInvalid } from '../../src/config/configuration-invalid.js';
import { readSettings, Settings } from '../../src/config/settings.js';

@Injectable()
class Reader {
  constructor(readonly settings: Settings) {}
}

@Module({ providers: [Reader] })
class Elsewhere {}

async function settingsFrom(given: Parameters<typeof AppConfigModule.register>[0]): Promise<Settings> {
  const module = await Test.createTestingModule({ imports: [AppConfigModule.register(given), Elsewhere] }).compile();
  const { settings } = module.get(Reader, { strict: false });
  await module.close();
  return settings;
}

describe('the configuration module', () => {
  it('gives the settings to every module, from the variables it was handed', async () => {
    const before = { ...process.env };
    const settings = await settingsFrom({ PORT: '4321', SANDBOX_SEED: 'mine' });
    expect(settings).toBeInstanceOf(Settings);
    expect([settings.http.port, settings.sandboxSeed]).toEqual([4321, 'mine']);
    expect(process.env).toEqual(before);
  });

  it('gives the very settings that were read already', async () => {
    const settings = readSettings({});
    expect(await settingsFrom(settings)).toBe(settings);
  });

  it('refuses at once, with every problem', () => {
    expect(() => AppConfigModule.register({ PORT: 'x', DB_ECHO: '?' })).toThrow(ConfigurationInvalid);
  });
});
