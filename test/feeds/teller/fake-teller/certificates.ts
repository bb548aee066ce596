// Who is believed at the fake Teller: an authority made at run time, and certificates good and bad. Made once a worker.
import 'reflect-metadata';
import { webcrypto } from 'node:crypto';
import {
  BasicConstraintsExtension,
  PemConverter,
  SubjectAlternativeNameExtension,
  X509CertificateGenerator,
} from '@peculiar/x509';
import { keepSecret } from '../../../support/run-log.js';

/** PEM. */
export interface Certified {
  readonly certificate: string;
  readonly privateKey: string;
}

export const SERVER_CERTIFICATES = ['valid', 'expired', 'misnamed', 'foreign'] as const;
export type ServerCertificate = (typeof SERVER_CERTIFICATES)[number];

export interface Certificates {
  /** The authority's certificate. PEM. */
  readonly authority: string;
  readonly server: Readonly<Record<ServerCertificate, Certified>>;
  readonly client: Readonly<Record<'valid' | 'expired' | 'foreign', Certified>>;
}

const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };
const BEGINNING = new Date('2020-01-01T00:00:00Z');
const LONG_AGO = new Date('2020-02-01T00:00:00Z');
const FAR_AHEAD = new Date('2099-01-01T00:00:00Z');

interface Authority {
  readonly name: string;
  readonly keys: webcrypto.CryptoKeyPair;
  readonly certificate: string;
}

let made: Promise<Certificates> | undefined;

export function certificates(): Promise<Certificates> {
  made ??= make();
  return made;
}

async function make(): Promise<Certificates> {
  const [ours, another] = await Promise.all([makeAuthority('Fake Teller'), makeAuthority('Somebody else')]);
  const here = ['127.0.0.1', 'localhost'];
  const [valid, expired, misnamed, foreign, client, old, strange] = await Promise.all([
    issue(ours, { hosts: here }),
    issue(ours, { hosts: here, until: LONG_AGO }),
    issue(ours, { hosts: ['api.example.com'] }),
    issue(another, { hosts: here }),
    issue(ours, {}),
    issue(ours, { until: LONG_AGO }),
    issue(another, {}),
  ]);
  return {
    authority: ours.certificate,
    server: { valid, expired, misnamed, foreign },
    client: { valid: client, expired: old, foreign: strange },
  };
}

async function makeAuthority(organization: string): Promise<Authority> {
  const keys = await makeKeys();
  const name = `CN=${organization}`;
  const certificate = await X509CertificateGenerator.createSelfSigned({
    serialNumber: '01',
    name,
    keys,
    notBefore: BEGINNING,
    notAfter: FAR_AHEAD,
    signingAlgorithm: ALGORITHM,
    extensions: [new BasicConstraintsExtension(true, 0, true)],
  });
  return { name, keys, certificate: certificate.toString('pem') };
}

let serial = 1;

async function issue(
  authority: Authority,
  { hosts = [], until = FAR_AHEAD }: { readonly hosts?: readonly string[]; readonly until?: Date },
): Promise<Certified> {
  const keys = await makeKeys();
  serial += 1;
  const names = hosts.map((host) => ({
    type: /^[\d.]+$/.test(host) ? ('ip' as const) : ('dns' as const),
    value: host,
  }));
  const certificate = await X509CertificateGenerator.create({
    serialNumber: serial.toString(16).padStart(2, '0'),
    subject: `CN=${hosts[0] ?? 'app_test'}`,
    issuer: authority.name,
    notBefore: BEGINNING,
    notAfter: until,
    signingAlgorithm: ALGORITHM,
    publicKey: keys.publicKey,
    signingKey: authority.keys.privateKey,
    extensions: names.length === 0 ? [] : [new SubjectAlternativeNameExtension(names)],
  });
  const privateKey = PemConverter.encode(await webcrypto.subtle.exportKey('pkcs8', keys.privateKey), 'PRIVATE KEY');
  keepSecret(...privateKey.split('\n').filter((line) => !line.startsWith('---')));
  return { certificate: certificate.toString('pem'), privateKey };
}

function makeKeys(): Promise<webcrypto.CryptoKeyPair> {
  return webcrypto.subtle.generateKey({ name: 'ECDSA', namedCurve: 'P-256' }, true, ['sign', 'verify']);
}
