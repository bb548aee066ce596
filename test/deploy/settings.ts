// Environments held against the program's own configuration: the class that reads them at start.
import { ConfigurationInvalid } from '../../src/config/configuration-invalid.js';
import { Environment } from '../../src/config/environment.js';
import { readSettings, type Settings } from '../../src/config/settings.js';
import { settingsOf } from '../../src/config/setting.js';

const KNOWN = new Set(settingsOf(Environment).map(({ variable }) => variable));
/** Read by the driver where the URL has no password. */
const OF_THE_DRIVER = new Set(['PGPASSWORD']);

export interface Judged {
  /** Undefined where something is wrong with them. */
  readonly settings: Settings | undefined;
  readonly problems: readonly string[];
}

/** Parts in angle brackets are to be filled in; files of certificates are elsewhere, and taken for good ones. */
export function judgeEnvironment(variables: Readonly<Record<string, string>>): Judged {
  const unknown = Object.keys(variables).filter((name) => !KNOWN.has(name) && !OF_THE_DRIVER.has(name));
  const problems = unknown.map((name) => `${name} is no setting`);
  const filled = Object.entries(variables).map(([name, value]) => [name, filledIn(name, value)] as const);
  try {
    const settings = readSettings(Object.fromEntries(filled));
    return { settings, problems: [...problems, ...settings.warnings] };
  } catch (error) {
    if (!(error instanceof ConfigurationInvalid)) throw error;
    const wrong = error.problems.map(({ variable, got, takes }) => `${variable} is ${got}, and takes ${takes}`);
    return { settings: undefined, problems: [...problems, ...wrong] };
  }
}

/** The host of a URL as it is written, placeholder or not. */
export function hostOf(url: string): string {
  return /@([^:/?]*)/.exec(url)?.[1] ?? '';
}

function filledIn(name: string, value: string): string {
  return name === 'DATABASE_SSLROOTCERT' ? 'system' : value.replaceAll(/<[^<>]+>/g, 'x');
}
