// Stands between a client and a PostgreSQL server and breaks the line at a chosen moment: what a network does.
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';

export class Proxy {
  /** How often a client has connected. */
  connections = 0;
  private readonly pairs = new Set<{ client: Socket; server: Socket }>();
  private onRequest: ((bytes: Buffer) => 'pass' | 'cut' | 'swallow the answer' | 'hold the answer') | undefined;
  private isRefusing = false;

  private constructor(
    private readonly listener: Server,
    private readonly target: { readonly host: string; readonly port: number },
  ) {}

  static async to(target: { readonly host: string; readonly port: number }): Promise<Proxy> {
    const listener = createServer((client) => proxy.join(client));
    const proxy = new Proxy(listener, target);
    await new Promise<void>((resolve) => listener.listen(0, '127.0.0.1', resolve));
    return proxy;
  }

  get port(): number {
    return (this.listener.address() as AddressInfo).port;
  }

  /** The same URL, by way of this proxy. */
  urlOf(url: string): string {
    const by = new URL(url);
    by.hostname = '127.0.0.1';
    by.port = String(this.port);
    return by.href;
  }

  /** Cuts the line as the next request that contains `text` arrives: the server never sees it. */
  cutBefore(text: string): void {
    this.once(text, 'cut');
  }

  /** Lets the next request that contains `text` through, and hangs up instead of bringing its answer. */
  cutAfter(text: string): void {
    this.once(text, 'swallow the answer');
  }

  /** Lets the next request that contains `text` through, and brings no answer ever. */
  silenceAfter(text: string): void {
    this.once(text, 'hold the answer');
  }

  /** Hangs up on everybody who is connected. */
  cutAll(): void {
    for (const pair of this.pairs) this.cut(pair);
  }

  /** Hangs up on whoever comes from now on, and with the next who is hung up on on all others; or no more. */
  refuse(isRefusing: boolean): void {
    this.isRefusing = isRefusing;
  }

  async close(): Promise<void> {
    this.cutAll();
    await new Promise((resolve) => this.listener.close(resolve));
  }

  private once(text: string, then: 'cut' | 'swallow the answer' | 'hold the answer'): void {
    this.onRequest = (bytes) => {
      if (!bytes.includes(text)) return 'pass';
      this.onRequest = undefined;
      return then;
    };
  }

  private join(client: Socket): void {
    this.connections++;
    if (this.isRefusing) return void client.destroy();
    const server = connect(this.target);
    const pair = { client, server };
    this.pairs.add(pair);
    let answers: 'pass' | 'cut' | 'hold' = 'pass';
    for (const socket of [client, server]) {
      socket.on('error', () => undefined);
      socket.on('close', () => this.cut(pair));
    }
    client.on('data', (bytes) => {
      const then = this.onRequest?.(bytes) ?? 'pass';
      if (then === 'cut') return this.cut(pair);
      if (then === 'swallow the answer') answers = 'cut';
      if (then === 'hold the answer') answers = 'hold';
      server.write(bytes);
    });
    server.on('data', (bytes) => {
      if (answers === 'cut') this.cut(pair);
      else if (answers === 'pass') client.write(bytes);
    });
  }

  private cut(pair: { client: Socket; server: Socket }): void {
    this.pairs.delete(pair);
    pair.client.destroy();
    pair.server.destroy();
    // A network that is away is away for those who are idle, too: nobody finds anything out over another line.
    if (this.isRefusing) this.cutAll();
  }
}
