// Takes the port, or says in one line why not.
import { type NestFastifyApplication } from '@nestjs/platform-fastify';
import { type Settings } from './config/settings.js';
import { EXIT } from './cli/exit-codes.js';

const WHY: Readonly<Record<string, string>> = {
  EADDRINUSE: 'another process has the port',
  EACCES: 'this user may not take the port',
  EADDRNOTAVAIL: 'this machine does not have the address',
  ENOTFOUND: 'there is no such host',
};

/** Answers the URL under which the server can be reached from this machine. Ends the process when the port cannot be had. */
export async function listen(app: NestFastifyApplication, settings: Settings): Promise<string> {
  const { host, port } = settings.http;
  try {
    await app.listen(port, host);
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : '';
    await app.close();
    if (WHY[code] === undefined) throw error;
    process.stderr.write(`passbook cannot listen on ${host}:${port}: ${WHY[code]}. Set PORT or HOST.\n`);
    process.exit(EXIT.unavailable);
  }
  const url = new URL(await app.getUrl());
  if (url.hostname === '0.0.0.0' || url.hostname === '[::]') url.hostname = '127.0.0.1';
  return url.href.replace(/\/$/, '');
}
