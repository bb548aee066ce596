import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { ConnectionOptions } from 'node:tls';

/** How far a connection is encrypted and checked, with libpq's words and meanings. */
export const SSL_MODES = ['disable', 'prefer', 'require', 'verify-ca', 'verify-full'] as const;
export type SslMode = (typeof SSL_MODES)[number];
/** `allow` reaches the same servers as `prefer`, in the weaker order: it is read as `prefer`. */
export const SSL_MODES_ACCEPTED = ['disable', 'allow', 'prefer', 'require', 'verify-ca', 'verify-full'] as const;

/** The authorities of this machine, in place of a file. */
export const SYSTEM_AUTHORITIES = 'system';

export interface TlsTarget {
  readonly mode: SslMode;
  /** The absolute path of a file of PEM certificates, or `system`; undefined when none was named. */
  readonly rootCert: string | undefined;
}

/** Where distributions keep the machine's bundle of authorities. */
const SYSTEM_BUNDLES = [
  '/etc/ssl/certs/ca-certificates.crt',
  '/etc/pki/tls/certs/ca-bundle.crt',
  '/etc/ssl/ca-bundle.pem',
  '/etc/ssl/cert.pem',
];

export function sslModeOf(text: string): SslMode | undefined {
  return text === 'allow' ? 'prefer' : SSL_MODES.find((mode) => mode === text);
}

/**
 * What the driver's `ssl` option takes. `prefer` encrypts without checking; trying again unencrypted when the server has
 * no TLS is up to the caller. As in libpq, `require` with a root certificate checks the chain like `verify-ca`. The
 * machine's authorities sign for anybody, so with them `verify-ca` checks the host name too.
 *
 * @throws {Error} the file of certificates can't be read any more; at start that was a named problem.
 */
export function tlsOptions(tls: TlsTarget): false | ConnectionOptions {
  const { mode, rootCert } = tls;
  if (mode === 'disable') return false;
  if (mode === 'prefer' || (mode === 'require' && rootCert === undefined)) return { rejectUnauthorized: false };
  const isFile = rootCert !== undefined && rootCert !== SYSTEM_AUTHORITIES;
  const ca = isFile ? readFileSync(rootCert, 'utf8') : systemAuthorities();
  const checksName = mode === 'verify-full' || !isFile;
  return {
    rejectUnauthorized: true,
    ...(ca === undefined ? {} : { ca }),
    ...(checksName ? {} : { checkServerIdentity: () => undefined }),
  };
}

/** Why the file can't serve as root certificates, as a phrase; undefined when it can. */
export function rootCertFault(path: string): string | undefined {
  try {
    const certificates = readFileSync(path, 'utf8').match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g);
    if (certificates === null) return 'it holds no PEM certificate';
    for (const certificate of certificates) new X509Certificate(certificate);
    return undefined;
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : '';
    return code.startsWith('E') && !code.startsWith('ERR_')
      ? `it can't be read (${code})`
      : 'a certificate in it is damaged';
  }
}

/** Undefined where no bundle is found: the driver then uses the authorities that come with Node. */
function systemAuthorities(): string | undefined {
  for (const path of SYSTEM_BUNDLES) {
    try {
      return readFileSync(path, 'utf8');
    } catch {
      continue;
    }
  }
  return undefined;
}
