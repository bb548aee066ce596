// Environments held against the program's own configuration: the class that reads them at start.
import { ConfigurationInvalid } from '../../src/config/configuration-invalid.js';
import { Environment } from '../../src/config/environment.js';
import { readSettings, type Settings } from '../../src/config/settings.js';
import { settingsOf } from '../../src/config/setting.js';
import { certificates } from '../feeds/teller/fake-teller/certificates.js';

const KNOWN = new Set(settingsOf(Environment).map(({ variable }) => variable));
/** Read by the driver where the URL has no password. */
const OF_THE_DRIVER = new Set(['PGPASSWORD']);

const { client } = await certificates();
/** What is filled in where not everything will do. */
const FILLED_IN: Readonly<Record<string, string>> = {
  ENCRYPTION_KEYS: `x:${'A'.repeat(43)}=`,
  TELLER_APPLICATION_ID: 'app_x',
  TELLER_SIGNING_KEY: `${'A'.repeat(43)}=`,
  TELLER_CERTIFICATE: client.valid.certificate,
  TELLER_PRIVATE_KEY: client.valid.privateKey,
  TELLER_WEBHOOK_SECRETS: 'x'.repeat(16),
};

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
  if (name === 'DATABASE_SSLROOTCERT') return 'system';
  const filled = value.replaceAll(/<[^<>]+>/g, 'x');
  return filled === value ? value : (FILLED_IN[name] ?? filled);
}
