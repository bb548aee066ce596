// A connection byte by byte: for what no HTTP client would send.
import { connect, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

const LOOK_MS = 5;
const PATIENCE_MS = 20_000;

export interface WireAnswer {
  readonly status: number;
  /** By name in lower case; one that stands twice is joined by commas. */
  readonly headers: Readonly<Record<string, string>>;
  readonly text: string;
}

export class Wire {
  private received = Buffer.alloc(0);
  /** Whether the server has said that nothing more will come, or has cut the connection. */
  isClosed = false;
  /** Whether it was cut in the middle. */
  isReset = false;

  private constructor(readonly socket: Socket) {
    socket.on('data', (bytes: Buffer) => {
      this.received = Buffer.concat([this.received, bytes]);
    });
    socket.on('error', () => {
      this.isReset = true;
    });
    for (const end of ['end', 'close'] as const)
      socket.on(end, () => {
        this.isClosed = true;
      });
  }

  static async to(url: string): Promise<Wire> {
    const { hostname, port } = new URL(url);
    const socket = connect({ host: hostname, port: Number(port), noDelay: true, allowHalfOpen: true });
    const wire = new Wire(socket);
    await new Promise<void>((resolve, reject) => socket.once('connect', resolve).once('error', reject));
    return wire;
  }

  /** What has come in and was not taken yet. */
  get pending(): string {
    return this.received.toString('latin1');
  }

  send(bytes: string | Buffer): this {
    if (!this.socket.destroyed) this.socket.write(bytes);
    return this;
  }

  /** The next answer on the connection, which must come. */
  async answer(options: { readonly hasBody?: boolean } = {}): Promise<WireAnswer> {
    await this.until(() => this.pending.includes('\r\n\r\n'), 'an answer');
    const end = this.pending.indexOf('\r\n\r\n');
    const [first = '', ...lines] = this.pending.slice(0, end).split('\r\n');
    const headers: Record<string, string> = {};
    for (const line of lines) {
      const [name = '', value = ''] = line.split(/: ?(.*)/s);
      const known = headers[name.toLowerCase()];
      headers[name.toLowerCase()] = known === undefined ? value : `${known}, ${value}`;
    }
    const length = options.hasBody === false ? 0 : Number(headers['content-length'] ?? 0);
    await this.until(() => this.received.length >= end + 4 + length, 'the rest of an answer');
    const text = this.received.subarray(end + 4, end + 4 + length).toString('utf8');
    this.received = this.received.subarray(end + 4 + length);
    return { status: Number(first.split(' ')[1]), headers, text };
  }

  /** Waits for the end of the connection, which must come. */
  async closed(): Promise<void> {
    await this.until(() => this.isClosed, 'the end of the connection');
  }

  /** Lets a little time go by. */
  async rest(): Promise<void> {
    await sleep(LOOK_MS);
  }

  cut(): void {
    this.socket.destroy();
  }

  private async until(isSo: () => boolean, what: string): Promise<void> {
    const deadline = performance.now() + PATIENCE_MS;
    while (!isSo()) {
      if (performance.now() > deadline) throw new Error(`waited in vain for ${what}; came: ${this.pending}`);
      if (this.isClosed && what !== 'the end of the connection' && !isSo())
        throw new Error(`closed instead of ${what}; came: ${this.pending}`);
      await sleep(LOOK_MS);
    }
  }
}
