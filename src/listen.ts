// Takes the ports, or says in one line why not.
import { type Server } from 'node:http';
import { type AddressInfo, type ListenOptions } from 'node:net';
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
    const { code = '', port: wanted } = error instanceof Error ? (error as NodeJS.ErrnoException & ListenOptions) : {};
    await app.close();
    if (WHY[code] === undefined) throw error;
    const { metrics } = settings;
    // The metrics' port is taken while the service is put together, before its own.
    const [at, set] =
      wanted !== undefined && wanted !== port && wanted === metrics.port
        ? [`${metrics.host}:${wanted}`, 'METRICS_PORT or METRICS_HOST']
        : [`${host}:${port}`, 'PORT or HOST'];
    process.stderr.write(`passbook cannot listen on ${at}: ${WHY[code]}. Set ${set}.\n`);
    process.exit(EXIT.unavailable);
  }
  const { port: taken } = (app.getHttpServer() as Server).address() as AddressInfo;
  return `http://${reachableHost(host)}:${taken}`;
}

function reachableHost(host: string): string {
  if (host === '0.0.0.0' || host === '::') return '127.0.0.1';
  return host.includes(':') ? `[${host}]` : host;
}
