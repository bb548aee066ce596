// The whole service on a port of this machine: for what goes over a real connection.
import { type Server } from 'node:http';
import { type AddressInfo } from 'node:net';
import { type TestApp } from './test-app.js';

/** Answers where it can be reached, until it is stopped. */
export async function listening({ app }: TestApp): Promise<string> {
  await app.getHttpAdapter().getInstance().listen({ port: 0, host: '127.0.0.1' });
  const { port } = (app.getHttpServer() as Server).address() as AddressInfo;
  return `http://127.0.0.1:${port}`;
}
