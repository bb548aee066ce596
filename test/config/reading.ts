import { expect } from 'vitest';
import { ConfigurationInvalid, type Problem } from '../../src/config/configuration-invalid.js';
import { readSettings, type Settings } from '../../src/config/settings.js';

export const POSTGRES = 'postgresql://ann:pw@db/bank';

export function read(variables: Record<string, string> = {}): Settings {
  return readSettings(variables, { cwd: '/srv/passbook' });
}

/** None when the settings can be read. */
export function problemsOf(variables: Record<string, string>): readonly Problem[] {
  try {
    read(variables);
  } catch (error) {
    if (error instanceof ConfigurationInvalid) return error.problems;
    throw error;
  }
  return [];
}

export function variablesAtFault(variables: Record<string, string>): string[] {
  return problemsOf(variables).map((problem) => problem.variable);
}

export function containing(text: string): unknown {
  return expect.stringContaining(text);
}
