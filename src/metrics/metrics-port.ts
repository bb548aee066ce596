// A port of its own for the metrics, without a key: for a scraper inside, where the API's port is for the outside.
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { type AddressInfo } from 'node:net';
import { type Metrics } from './metrics.js';
import { METRICS_PATH } from './metrics.route.js';

/** A scraper that dawdles holds up nobody, and no memory. */
const TIMEOUT_MS = 10_000;

export class MetricsPort {
  private readonly server: Server;

  constructor(
    private readonly metrics: Metrics,
    private readonly at: { readonly host: string; readonly port: number },
  ) {
    this.server = createServer((request, response) => void this.answer(request, response));
    this.server.requestTimeout = TIMEOUT_MS;
    this.server.headersTimeout = TIMEOUT_MS;
  }

  /** Answers where it can be reached. @throws Error of the system, where the port cannot be had */
  async open(): Promise<string> {
    await new Promise<void>((resolve, reject) => {
      this.server.once('error', reject);
      this.server.listen(this.at.port, this.at.host, resolve);
    });
    const { address, port, family } = this.server.address() as AddressInfo;
    return `http://${family === 'IPv6' ? `[${address}]` : address}:${port}${METRICS_PATH}`;
  }

  async close(): Promise<void> {
    if (!this.server.listening) return;
    await new Promise<void>((resolve) => {
      this.server.close(() => resolve());
      this.server.closeAllConnections();
    });
  }

  private async answer({ method, url }: IncomingMessage, response: ServerResponse): Promise<void> {
    if (url?.split('?', 1)[0] !== METRICS_PATH) return void response.writeHead(404).end();
    if (method !== 'GET' && method !== 'HEAD') return void response.writeHead(405, { allow: 'GET, HEAD' }).end();
    const text = await this.metrics.text();
    const head = { 'content-type': this.metrics.contentType, 'cache-control': 'no-store' };
    response.writeHead(200, head).end(method === 'HEAD' ? undefined : text);
  }
}
