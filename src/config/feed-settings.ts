// How the banks are asked: read from the environment, with the files that it names.
import { createPrivateKey, X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { type Problem } from './configuration-invalid.js';
import { type Environment, type TellerEnvironment } from './environment.js';
import { MASK, Secret } from './secret.js';
import { unescapedPem } from './text-forms.js';

/** A key of 32 bytes (base64) under a name that may be shown. */
export interface NamedKey {
  readonly name: string;
  readonly key: Secret;
}

export interface SyncSettings {
  /** Whether this process syncs by itself. */
  readonly schedule: boolean;
  readonly intervalHours: number;
  readonly concurrency: number;
}

export interface TellerSettings {
  readonly environment: TellerEnvironment;
  readonly applicationId: string | undefined;
  /** For mutual TLS; in the sandbox there need be none. PEM. */
  readonly certificate: { readonly certificate: string; readonly privateKey: Secret } | undefined;
  /** Public, 32 bytes in base64. Set: consents must be signed. */
  readonly signingKey: string | undefined;
  /** None: webhooks are refused. */
  readonly webhookSecrets: readonly Secret[];
  readonly webhookTimeoutMs: number;
  readonly accessToken: Secret | undefined;
  readonly apiUrl: string;
  /** PEM; trusted instead of the system's. */
  readonly authorities: string | undefined;
  readonly timeoutMs: number;
  readonly concurrency: number;
}

/** The first one seals, all of them open. */
export function readEncryptionKeys(environment: Environment): readonly NamedKey[] {
  return (environment.ENCRYPTION_KEYS?.split(',') ?? []).map((part) => {
    const [name = '', key = ''] = part.trim().split(':');
    return { name, key: new Secret(key) };
  });
}

export function readSyncSettings(environment: Environment): SyncSettings {
  return {
    schedule: environment.SYNC_SCHEDULE,
    intervalHours: environment.SYNC_INTERVAL_HOURS,
    concurrency: environment.SYNC_CONCURRENCY,
  };
}

/** Undefined where the feed is off. What can't be used is added to `problems`. */
export function readTeller(environment: Environment, cwd: string, problems: Problem[]): TellerSettings | undefined {
  const mode = environment.TELLER_ENVIRONMENT;
  if (mode === undefined || problems.some(({ variable }) => variable === 'TELLER_ENVIRONMENT')) return undefined;
  if (environment.ENCRYPTION_KEYS === undefined)
    problems.push(missing('ENCRYPTION_KEYS', 'keys to keep access tokens with, once TELLER_ENVIRONMENT is set'));
  const caFile = environment.TELLER_CA_FILE;
  return {
    environment: mode,
    applicationId: environment.TELLER_APPLICATION_ID,
    certificate: readCertificate(environment, cwd, problems),
    signingKey: environment.TELLER_SIGNING_KEY,
    webhookSecrets: (environment.TELLER_WEBHOOK_SECRETS?.split(',') ?? []).map((part) => new Secret(part.trim())),
    webhookTimeoutMs: environment.TELLER_WEBHOOK_TIMEOUT_MS,
    accessToken:
      environment.TELLER_ACCESS_TOKEN === undefined ? undefined : new Secret(environment.TELLER_ACCESS_TOKEN),
    apiUrl: environment.TELLER_API_URL,
    authorities: caFile === undefined ? undefined : readNamed('TELLER_CA_FILE', caFile, cwd, problems),
    timeoutMs: environment.TELLER_TIMEOUT_MS,
    concurrency: environment.TELLER_CONCURRENCY,
  };
}

type PemName = 'TELLER_CERTIFICATE' | 'TELLER_PRIVATE_KEY';

const PAIR_TAKES = 'a client certificate and its private key, both, in every environment but the sandbox';

function readCertificate(environment: Environment, cwd: string, problems: Problem[]): TellerSettings['certificate'] {
  const certificate = readPem(environment, 'TELLER_CERTIFICATE', cwd, problems);
  const privateKey = readPem(environment, 'TELLER_PRIVATE_KEY', cwd, problems);
  // What is wrong with one of them has been said: that they are no pair then goes without saying.
  if (problems.some(({ variable }) => /^TELLER_(CERTIFICATE|PRIVATE_KEY)/.test(variable))) return undefined;
  if (certificate === undefined && privateKey === undefined && environment.TELLER_ENVIRONMENT === 'sandbox')
    return undefined;
  if (certificate === undefined || privateKey === undefined) {
    problems.push(missing(certificate === undefined ? 'TELLER_CERTIFICATE' : 'TELLER_PRIVATE_KEY', PAIR_TAKES));
    return undefined;
  }
  if (!belongTogether(certificate, privateKey))
    problems.push({ variable: 'TELLER_CERTIFICATE / TELLER_PRIVATE_KEY', got: MASK, takes: PAIR_TAKES });
  return { certificate, privateKey: new Secret(privateKey) };
}

function readPem(environment: Environment, name: PemName, cwd: string, problems: Problem[]): string | undefined {
  const [text, path] = [environment[name], environment[`${name}_FILE`]];
  if (text !== undefined && path !== undefined) {
    problems.push({ variable: `${name} / ${name}_FILE`, got: 'both', takes: 'one of the two' });
    return undefined;
  }
  if (text !== undefined) return unescapedPem(text);
  return path === undefined ? undefined : readNamed(`${name}_FILE`, path, cwd, problems);
}

function readNamed(variable: string, path: string, cwd: string, problems: Problem[]): string | undefined {
  try {
    return readFileSync(resolve(cwd, path), 'utf8');
  } catch (error) {
    const why = error instanceof Error && 'code' in error ? String(error.code) : 'unreadable';
    problems.push({ variable, got: `${path} (${why})`, takes: 'the path of a file that can be read' });
    return undefined;
  }
}

/** Node would find out with the first question to the bank. */
function belongTogether(certificate: string, privateKey: string): boolean {
  try {
    return new X509Certificate(certificate).checkPrivateKey(createPrivateKey(privateKey));
  } catch {
    return false;
  }
}

function missing(variable: string, takes: string): Problem {
  return { variable, got: 'nothing', takes };
}
