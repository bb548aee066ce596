// The API as its clients reach it, over connections that are kept: every answer with its status, and the server that gave it.
import { Agent, request } from 'node:http';

export interface Answer {
  /** 0: no answer came. */
  readonly status: number;
  readonly text: string;
  readonly body: any;
  readonly etag: string;
  /** As the balancer says; empty where there is none. */
  readonly server: string;
}

export interface Sent {
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  /** Another key. */
  readonly key?: string;
}

/** No request takes longer, whatever happens meanwhile. */
const ANSWER_MS_MAX = 30_000;

export class Api {
  private readonly agent = new Agent({ keepAlive: true });

  /** @param port asked for each request */
  constructor(
    private readonly port: () => number,
    private readonly key: string,
  ) {}

  get(path: string, sent: Sent = {}): Promise<Answer> {
    return this.call('GET', path, sent);
  }

  post(path: string, body: unknown, sent: Sent = {}): Promise<Answer> {
    return this.call('POST', path, { body, ...sent });
  }

  patch(path: string, body: unknown, sent: Sent = {}): Promise<Answer> {
    return this.call('PATCH', path, { body, ...sent });
  }

  delete(path: string): Promise<Answer> {
    return this.call('DELETE', path, {});
  }

  /** All pages of a list, a page a request. */
  async pages(path: string): Promise<any[]> {
    const rows: any[] = [];
    for (let cursor: string | null = ''; cursor !== null;) {
      const { status, text, body } = await this.get(`${path}${cursor === '' ? '' : `&cursor=${cursor}`}`);
      if (status !== 200) throw new Error(`GET ${path}: ${status} ${text}`);
      rows.push(...body.data);
      cursor = body.nextCursor;
    }
    return rows;
  }

  close(): void {
    this.agent.destroy();
  }

  private call(method: string, path: string, { body, headers = {}, key = this.key }: Sent): Promise<Answer> {
    const payload = body === undefined ? undefined : JSON.stringify(body);
    return new Promise((resolve) => {
      const lost = (error: NodeJS.ErrnoException): void =>
        resolve({ status: 0, text: `${error.code} ${error.message}`, body: undefined, etag: '', server: '' });
      const asked = request(
        {
          agent: this.agent,
          host: '127.0.0.1',
          port: this.port(),
          method,
          path,
          timeout: ANSWER_MS_MAX,
          headers: {
            authorization: `Bearer ${key}`,
            ...(payload === undefined
              ? {}
              : { 'content-type': 'application/json', 'content-length': Buffer.byteLength(payload) }),
            ...headers,
          },
        },
        (answer) => {
          let text = '';
          answer.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
          answer.on('error', lost);
          answer.on('end', () =>
            resolve({
              status: answer.statusCode ?? 0,
              text,
              body: isJson(answer.headers['content-type']) ? JSON.parse(text) : undefined,
              etag: answer.headers.etag ?? '',
              server: String(answer.headers['x-served-by'] ?? ''),
            }),
          );
        },
      );
      asked.on('timeout', () => asked.destroy(new Error('no answer in time')));
      asked.on('error', lost);
      asked.end(payload);
    });
  }
}

function isJson(type: string | undefined): boolean {
  return /^application\/(problem\+)?json/.test(type ?? '');
}
