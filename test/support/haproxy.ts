// A HAProxy of the tests' own before servers on given ports: who is ready gets requests. Debian's package; where it is not, tests say that they skip.
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createConnection } from 'node:net';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePort } from './free-port.js';
import { temporaryFolder } from './temporary-folder.js';
import { tether, untether } from './tether.js';

const BINARY = ['/usr/sbin/haproxy', '/usr/bin/haproxy'].find((path) => existsSync(path));
const START_MS_MAX = 10_000;
const STATE_MS_MAX = 300_000;
const POLL_MS = 50;

/** Why there is none, for the names of skipped tests; undefined where there is one. */
export const NO_HAPROXY = BINARY === undefined ? 'HAProxy is not installed (apt-get install haproxy)' : undefined;

/** The servers by their ports, in turn; whoever fails thrice at readiness gets nothing more. Nothing that may have been received is sent again. */
function configuration(port: number, socket: string, servers: readonly number[]): string {
  return `global
  stats socket ${socket} mode 600
defaults
  mode http
  timeout connect 2s
  timeout client 75s
  timeout server 60s
  timeout check 3s
  option redispatch
frontend clients
  bind 127.0.0.1:${port}
  default_backend servers
backend servers
  balance roundrobin
  option httpchk GET /readyz
  http-check expect status 200
  http-response set-header x-served-by %s
  default-server check inter 500ms rise 1 fall 3
${servers.map((server) => `  server ${server} 127.0.0.1:${server}`).join('\n')}
`;
}

export class Haproxy {
  private constructor(
    readonly port: number,
    private readonly folder: string,
    private readonly child: ChildProcess,
  ) {}

  /** Servers may come and go on these ports. */
  static async start(servers: readonly number[]): Promise<Haproxy> {
    if (BINARY === undefined) throw new Error(NO_HAPROXY);
    const folder = mkdtempSync(join(temporaryFolder(), 'passbook-haproxy-'));
    tether({ folder });
    const port = await freePort();
    const file = join(folder, 'haproxy.cfg');
    writeFileSync(file, configuration(port, join(folder, 'socket'), servers));
    // `-db`: in the foreground.
    const child = spawn(BINARY, ['-db', '-f', file], { stdio: ['ignore', 'ignore', 'pipe'] });
    const balancer = new Haproxy(port, folder, child);
    const said = text(child.stderr!);
    for (const until = Date.now() + START_MS_MAX; !(await balancer.answers()); await sleep(POLL_MS))
      if (child.exitCode !== null || Date.now() > until) throw new Error(`HAProxy did not start:\n${await said}`);
    return balancer;
  }

  /** Until exactly the servers on these ports get requests. */
  async sendsTo(servers: readonly number[]): Promise<void> {
    const wanted = [...servers].sort().join(' ');
    for (const until = Date.now() + STATE_MS_MAX; ; await sleep(POLL_MS)) {
      const states = await this.states();
      const up = [...states].filter(([, state]) => state.startsWith('UP')).map(([server]) => server);
      if (up.sort().join(' ') === wanted) return;
      if (Date.now() > until) throw new Error(`HAProxy sends to ${up.join(' ')} instead of ${wanted}`);
    }
  }

  async stop(): Promise<void> {
    const ended = new Promise((resolve) => this.child.once('exit', resolve));
    if (this.child.exitCode === null && this.child.kill('SIGKILL')) await ended;
    rmSync(this.folder, { recursive: true, force: true });
    untether({ folder: this.folder });
  }

  private async answers(): Promise<boolean> {
    return (await this.states().catch(() => new Map())).size > 0;
  }

  /** By port, in HAProxy's words: `UP`, `UP 1/3`, `DOWN` … */
  private async states(): Promise<Map<number, string>> {
    const socket = createConnection(join(this.folder, 'socket'));
    socket.end('show stat\n');
    const [head = '', ...lines] = (await text(socket)).trim().split('\n');
    const names = head.replace('# ', '').split(',');
    const rows = lines.map((line) => line.split(','));
    const of = (row: readonly string[], name: string): string => row[names.indexOf(name)] ?? '';
    const servers = rows.filter((row) => of(row, 'pxname') === 'servers' && /^\d+$/.test(of(row, 'svname')));
    return new Map(servers.map((row) => [Number(of(row, 'svname')), of(row, 'status')]));
  }
}
