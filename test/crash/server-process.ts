// The built server as a process of its own, and a client that knows whether a request that got no answer was ever sent.
import { type ChildProcess } from 'node:child_process';
import { Agent, request } from 'node:http';
import { createServer, type AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Ended, startNode } from '../migrations/processes.js';

/** `status` 0: no answer came. `unsent` when nothing can have reached the server. */
export interface Reply {
  readonly status: number;
  readonly body: any;
  readonly tookMs: number;
  readonly unsent?: boolean;
  readonly hung?: boolean;
}

/** Only so that a server that never comes is no endless wait. */
const READY_MS_MAX = 180_000;
/** No request may take longer, whatever happens to the store meanwhile. */
export const REPLY_MS_MAX = 20_000;

export class Client {
  private readonly agent = new Agent({ keepAlive: true });

  constructor(
    readonly port: number,
    private readonly key: string,
  ) {}

  /** Of the same server, by another key. */
  as(key: string): Client {
    return new Client(this.port, key);
  }

  get = (path: string): Promise<Reply> => this.call('GET', path);
  post = (path: string, body?: unknown): Promise<Reply> => this.call('POST', path, body);
  patch = (path: string, body: unknown): Promise<Reply> => this.call('PATCH', path, body);
  delete = (path: string): Promise<Reply> => this.call('DELETE', path);

  call(method: string, path: string, body?: unknown, more: Readonly<Record<string, string>> = {}): Promise<Reply> {
    const started = performance.now();
    return new Promise((resolve) => {
      const end = (reply: Omit<Reply, 'tookMs'>): void => resolve({ ...reply, tookMs: performance.now() - started });
      const headers = {
        authorization: `Bearer ${this.key}`,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...more,
      };
      const asked = request(
        { agent: this.agent, host: '127.0.0.1', port: this.port, method, path, headers, timeout: REPLY_MS_MAX },
        (answer) => {
          let text = '';
          answer.setEncoding('utf8');
          answer.on('data', (chunk: string) => (text += chunk));
          answer.on('end', () =>
            end({ status: answer.statusCode ?? 0, body: text === '' ? undefined : JSON.parse(text) }),
          );
          // The server died while it answered: what it did is not known.
          answer.on('error', () => end({ status: 0, body: undefined }));
        },
      );
      asked.on('timeout', () => {
        end({ status: 0, body: undefined, hung: true });
        asked.destroy();
      });
      asked.on('error', (error: NodeJS.ErrnoException) =>
        end({ status: 0, body: undefined, unsent: error.code === 'ECONNREFUSED' }),
      );
      asked.end(body === undefined ? undefined : JSON.stringify(body));
    });
  }

  close(): void {
    this.agent.destroy();
  }
}

export class ServerProcess {
  private constructor(
    readonly port: number,
    readonly client: Client,
    private readonly child: ChildProcess,
    private readonly ended: Promise<Ended>,
  ) {}

  /** Comes back when it is ready. @throws Error with what it said when it ends before. */
  static async start(environment: Readonly<Record<string, string>>, key: string): Promise<ServerProcess> {
    const server = await ServerProcess.spawn(environment, key);
    await server.ready();
    return server;
  }

  get pid(): number {
    return this.child.pid!;
  }

  /** Does not wait for it to be ready. */
  static async spawn(environment: Readonly<Record<string, string>>, key: string): Promise<ServerProcess> {
    const port = await freePort();
    const { child, ended } = startNode('dist/src/main.js', [], {
      ...environment,
      LOG_LEVEL: 'trace',
      LOG_FORMAT: 'json',
      PORT: String(port),
    });
    return new ServerProcess(port, new Client(port, key), child, ended);
  }

  async ready(): Promise<void> {
    const deadline = Date.now() + READY_MS_MAX;
    let gone: Ended | undefined;
    void this.ended.then((ended) => (gone = ended));
    while ((await this.client.get('/readyz')).status !== 200) {
      if (gone !== undefined) throw new Error(`the server ended with ${gone.code}:\n${gone.stderr}${gone.stdout}`);
      if (Date.now() > deadline) throw new Error('the server did not become ready');
      await sleep(20);
    }
  }

  /** As a loss of power to the process: it gets to do nothing more. */
  kill(): Promise<Ended> {
    return this.signal('SIGKILL');
  }

  /** Asks it to end. */
  terminate(): Promise<Ended> {
    return this.signal('SIGTERM');
  }

  /** Waits for it to end by itself. */
  async end(): Promise<Ended> {
    const ended = await this.ended;
    this.client.close();
    return ended;
  }

  /** Does not wait for what comes of it. */
  send(signal: NodeJS.Signals): void {
    this.child.kill(signal);
  }

  private signal(signal: NodeJS.Signals): Promise<Ended> {
    this.send(signal);
    return this.end();
  }
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}
