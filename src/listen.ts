// Takes the port, or says in one line why not.
import { type Server } from 'node:http';
import { type AddressInfo } from 'node:net';
import { type NestFastifyApplication } from '@nestjs/platform-fastify';
import { type Settings } from './config/settings.js';
import { EXIT } from './common/exit-codes.js';

const WHY: Readonly<Record<string, string>> = {
  EADDRINUSE: 'another process has the port',
  EACCES: 'this user may not take the port',
  EADDRNOTAVAIL: 'this machine does not have the address',
  ENOTFOUND: 'there is no such host',
};

/** Answers the URL under which the server can be reached from this machine. Ends the process when the port cannot be had. */
export async function listen(app: NestFastifyApplication, settings: Settings): Promise<string> {
  const { port } = settings.http;
  // For the name Fastify would open a second server, on the other loopback address, that knows nothing of our hooks and of our end.
  const host = settings.http.host === 'localhost' ? '127.0.0.1' : settings.http.host;
  try {
    // Not by app.listen, which would log the error besides.
    await app.init();
    await app.getHttpAdapter().getInstance().listen({ port, host });
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : '';
    await app.close();
    if (WHY[code] === undefined) throw error;
    process.stderr.write(`passbook cannot listen on ${host}:${port}: ${WHY[code]}. Set PORT or HOST.\n`);
    process.exit(EXIT.unavailable);
  }
  const { port: taken } = (app.getHttpServer() as Server).address() as AddressInfo;
  return `http://${reachableHost(host)}:${taken}`;
}

function reachableHost(host: string): string {
  if (host === '0.0.0.0' || host === '::') return '127.0.0.1';
  return host.includes(':') ? `[${host}]` : host;
}
