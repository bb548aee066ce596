import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createSecureContext, TLSSocket } from 'node:tls';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { rootCertFault, sslModeOf, tlsOptions, type SslMode } from '../../src/config/tls.js';
import { makeAuthority, makeServer, type Certified } from './certificates.js';

const folder = mkdtempSync(join(tmpdir(), 'passbook-tls-'));
const ours = makeAuthority('Our authority');
const another = makeAuthority('Another authority');
const rootCert = join(folder, 'ours.pem');
const otherRootCert = join(folder, 'another.pem');
writeFileSync(rootCert, ours.cert);
writeFileSync(otherRootCert, another.cert);

/** Speaks as much of the protocol as a driver needs to think it is connected. */
function serverWith(certified: Certified): Promise<Server> {
  const secureContext = createSecureContext({ key: certified.key, cert: certified.cert });
  const server = createServer((socket) => {
    socket.on('error', () => undefined);
    socket.once('data', () => {
      socket.write('S');
      const secure = new TLSSocket(socket, { isServer: true, secureContext });
      secure.on('error', () => undefined);
      secure.once('data', () => secure.write(Buffer.from('52000000080000000' + '05a0000000549', 'hex')));
    });
  });
  return new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(server)));
}

async function outcome(server: Server, host: string, mode: SslMode, root?: string): Promise<string> {
  const { port } = server.address() as AddressInfo;
  const ssl = tlsOptions({ mode, rootCert: root });
  const client = new pg.Client({ host, port, user: 'u', password: 'p', database: 'd', ssl });
  client.on('error', () => undefined);
  try {
    await client.connect();
    return 'connected';
  } catch (error) {
    return error instanceof Error && 'code' in error ? String(error.code) : String(error);
  } finally {
    void client.end().catch(() => undefined);
  }
}

describe('TLS to PostgreSQL', () => {
  let named: Server;
  let addressed: Server;
  let misnamed: Server;

  beforeAll(async () => {
    named = await serverWith(makeServer('localhost', 'Our authority', ours));
    addressed = await serverWith(makeServer('127.0.0.1', 'Our authority', ours));
    misnamed = await serverWith(makeServer('db.example.com', 'Our authority', ours));
  });

  afterAll(() => {
    for (const server of [named, addressed, misnamed]) server.close();
    rmSync(folder, { recursive: true });
  });

  it('speaks plainly when TLS is disabled', () => {
    expect(tlsOptions({ mode: 'disable', rootCert })).toBe(false);
  });

  it.each(['prefer', 'require'] as const)('encrypts without checking for %s', async (mode) => {
    expect(await outcome(misnamed, 'localhost', mode)).toBe('connected');
  });

  it('checks the authority for require with a root certificate, as libpq does', async () => {
    expect(await outcome(misnamed, 'localhost', 'require', rootCert)).toBe('connected');
    expect(await outcome(named, 'localhost', 'require', otherRootCert)).not.toBe('connected');
  });

  it('checks the authority but not the name for verify-ca', async () => {
    expect(await outcome(misnamed, 'localhost', 'verify-ca', rootCert)).toBe('connected');
    expect(await outcome(named, 'localhost', 'verify-ca', otherRootCert)).not.toBe('connected');
  });

  it('checks authority and name for verify-full', async () => {
    expect(await outcome(named, 'localhost', 'verify-full', rootCert)).toBe('connected');
    expect(await outcome(misnamed, 'localhost', 'verify-full', rootCert)).toBe('ERR_TLS_CERT_ALTNAME_INVALID');
    expect(await outcome(named, 'localhost', 'verify-full', otherRootCert)).not.toBe('connected');
  });

  it('compares an address with the addresses in the certificate for verify-full', async () => {
    expect(await outcome(addressed, '127.0.0.1', 'verify-full', rootCert)).toBe('connected');
    expect(await outcome(named, '127.0.0.1', 'verify-full', rootCert)).toBe('ERR_TLS_CERT_ALTNAME_INVALID');
  });

  it.each([undefined, 'system'])(
    'refuses an unknown authority with the authorities of the machine (%s)',
    async (root) => {
      expect(await outcome(named, 'localhost', 'verify-full', root)).not.toBe('connected');
      expect(await outcome(named, 'localhost', 'verify-ca', root)).not.toBe('connected');
    },
  );

  it('checks the name too for verify-ca with the authorities of the machine, which sign for anybody', () => {
    expect(tlsOptions({ mode: 'verify-ca', rootCert: 'system' })).not.toHaveProperty('checkServerIdentity');
  });

  it('says why a file can not serve as root certificates', () => {
    const path = join(folder, 'fault.pem');
    expect(rootCertFault(rootCert)).toBeUndefined();
    expect(rootCertFault(join(folder, 'absent.pem'))).toBe("it can't be read (ENOENT)");
    expect(rootCertFault(folder)).toBe("it can't be read (EISDIR)");
    writeFileSync(path, 'hello');
    expect(rootCertFault(path)).toBe('it holds no PEM certificate');
    writeFileSync(path, ours.cert.replace(/.{20}\n-----END/, '\n-----END'));
    expect(rootCertFault(path)).toBe('a certificate in it is damaged');
    writeFileSync(path, ours.cert + another.cert);
    expect(rootCertFault(path)).toBeUndefined();
  });

  it('reads allow as prefer and knows no other words than those of libpq', () => {
    expect(sslModeOf('allow')).toBe('prefer');
    expect(sslModeOf('verify-full')).toBe('verify-full');
    expect(sslModeOf('no-verify')).toBeUndefined();
  });
});
