import { expect } from 'vitest';
import { ConfigurationInvalid, type Problem } from '../../src/config/configuration-invalid.js';
import { readSettings, type Settings } from '../../src/config/settings.js';

export const POSTGRES = 'postgresql://ann:pw@db/bank';

export function read(variables: Readonly<Record<string, string | undefined>> = {}): Settings {
  return readSettings(variables, { cwd: '/srv/passbook' });
}

/** None when the settings can be read. */
export function problemsOf(variables: Readonly<Record<string, string | undefined>>): readonly Problem[] {
  try {
    read(variables);
  } catch (error) {
    if (error instanceof ConfigurationInvalid) return error.problems;
    throw error;
  }
  return [];
}

export function variablesAtFault(variables: Readonly<Record<string, string | undefined>>): string[] {
  return problemsOf(variables).map((problem) => problem.variable);
}

export function containing(text: string): unknown {
  return expect.stringContaining(text);
}
