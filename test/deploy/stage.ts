// What k8s/ describes, played by processes of this machine: each pod by the command, the environment and the probes that its container has there.
import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { readSettings } from '../../src/config/settings.js';
import { type Ended } from '../migrations/processes.js';
import { migrateUp } from '../support/migrate-up.js';
import { type RunningPostgres, startPostgres } from '../support/postgres.js';
import { keepSecret } from '../support/run-log.js';
import { type Rendered, type Tree } from './kube.js';
import { type Container, environmentOf, passbooksOf } from './pods.js';
import { type Release, type Running } from './release.js';
import { renderingOf } from './renderings.js';
import { rolesSql } from './roles-sql.js';

/** With a database of its own, without TLS. */
const OVERLAY = 'k8s/overlays/dev';
const DATABASE = 'passbook';
const PROBE_EVERY_MS = 100;
/** Far more than any server takes; one that hangs is told of by what it wrote last. */
const READY_MS_MAX = 600_000;
const SAID_MAX = 4_000;

export class Stage {
  private readonly containers: readonly Container[];

  private constructor(
    readonly postgres: RunningPostgres,
    private readonly rendered: Rendered,
  ) {
    this.containers = passbooksOf(rendered);
  }

  /** With a database and its roles, as PostgreSQL's image makes them when it first starts; and no schema. */
  static async open(): Promise<Stage> {
    const postgres = await startPostgres({ config: { fsync: 'off' } });
    const [migrate, server] = [randomBytes(24).toString('hex'), randomBytes(24).toString('hex')];
    keepSecret(migrate, server);
    await query(postgres.adminUrl, `CREATE DATABASE ${DATABASE}`);
    await query(postgres.url(DATABASE), rolesSql({ migrate_password: migrate, server_password: server }));
    const { byHand, ...applied } = renderingOf(OVERLAY);
    // The other one, of real banks, may be missing.
    const secret = byHand.find(({ metadata }) => metadata.name === 'passbook-database') as Tree;
    // As its template says how it is made.
    for (const [key, password] of Object.entries({ 'migrate-url': migrate, 'server-url': server })) {
      const filled = String(secret.stringData[key]).replace('<password>', password);
      secret.stringData[key] = filled.replace('passbook-postgres:5432', `127.0.0.1:${postgres.port}`);
    }
    return new Stage(postgres, { ...applied, byHand: [secret] });
  }

  /** A pod of the migration Job. */
  migrate(release: Release): Running {
    return this.run(release, 'migrate');
  }

  /** A pod of the Job that opens the accounts of the bank itself. */
  seed(release: Release): Running {
    return this.run(release, 'seed');
  }

  /** The init container of a server. */
  awaitSchema(release: Release): Running {
    return this.run(release, 'wait-for-schema');
  }

  /** `passbook migrate wait`, as whoever only needs the database. */
  awaitStore(release: Release): Running {
    return release.run(['node', 'dist/src/migrate.js', 'wait', '--timeout', '600'], this.environment('migrate'));
  }

  /** The server's container, whose init container has ended. */
  serve(release: Release, port: number): ServerPod {
    const { container } = this.named('server');
    const running = release.run(container.command, { ...this.environment('server'), ...at(port) });
    return new ServerPod(port, running, { startup: container.startupProbe, readiness: container.readinessProbe });
  }

  /** By hand, in a server's pod. */
  async createKey(release: Release): Promise<string> {
    const command = 'node dist/src/cli/passbook.js keys create --name admin --scope admin --json'.split(' ');
    const { code, stdout, stderr } = await release.run(command, this.environment('server')).ended;
    if (code !== 0) throw new Error(`no key was made:\n${stderr}`);
    const { key } = JSON.parse(stdout) as { key: string };
    keepSecret(key);
    return key;
  }

  /** In this process: for plays that begin when the schema is there. */
  migrateHere(): Promise<void> {
    return migrateUp(readSettings(this.environment('migrate')));
  }

  /** As superuser. */
  query(statement: string): Promise<Record<string, unknown>[]> {
    return query(this.postgres.url(DATABASE), statement);
  }

  close(): Promise<void> {
    return this.postgres.dispose();
  }

  private run(release: Release, name: string): Running {
    return release.run(this.named(name).container.command, this.environment(name));
  }

  private environment(name: string): Record<string, string> {
    return environmentOf(this.named(name), this.rendered);
  }

  private named(name: string): Container {
    const found = this.containers.find(({ container }) => container.name === name);
    if (found === undefined) throw new Error(`${OVERLAY} has no container ${name}`);
    return found;
  }
}

/** A server as Kubernetes sees it: by its probes, and by how it ends. */
export class ServerPod {
  private gone: Ended | undefined;
  /** The last that it wrote. */
  private lastLines = '';

  constructor(
    readonly port: number,
    private readonly running: Running,
    private readonly probes: { readonly startup: Tree; readonly readiness: Tree },
  ) {
    void running.ended.then((ended) => (this.gone = ended));
    for (const stream of [running.child.stdout, running.child.stderr])
      stream?.on('data', (chunk: Buffer) => (this.lastLines = (this.lastLines + chunk.toString()).slice(-SAID_MAX)));
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  /** Started, and then ready. @throws Error with what it said where it ends before */
  async ready(): Promise<void> {
    for (const probe of [this.probes.startup, this.probes.readiness]) {
      for (const until = Date.now() + READY_MS_MAX; (await this.probe(probe)) !== 200; await sleep(PROBE_EVERY_MS)) {
        const { path } = probe.httpGet;
        if (this.gone !== undefined) throw new Error(`the server ended with ${this.gone.code}:\n${this.lastLines}`);
        if (Date.now() > until) throw new Error(`${path} of the server is no 200:\n${this.lastLines}`);
      }
    }
  }

  /** How its schema stands to the store's, as readiness tells it. */
  async schema(): Promise<string> {
    const response = await fetch(`${this.url}${this.probes.readiness.httpGet.path}`);
    const { details } = (await response.json()) as Tree;
    return `${response.status} ${details.store.schema}`;
  }

  /** Asks it to end, as Kubernetes does when preStop is over. */
  terminate(): Promise<Ended> {
    this.running.child.kill('SIGTERM');
    return this.running.ended;
  }

  /** When the test is over, in whatever state it is. */
  async kill(): Promise<void> {
    this.running.child.kill('SIGKILL');
    await this.running.ended;
  }

  private async probe({ httpGet, timeoutSeconds }: Tree): Promise<number> {
    const signal = AbortSignal.timeout(timeoutSeconds * 1_000);
    const response = await fetch(`${this.url}${httpGet.path}`, { signal }).catch(() => undefined);
    await response?.body?.cancel();
    return response?.status ?? 0;
  }
}

/** Pods have an address each; here they share one, and have a port each. */
function at(port: number): Record<string, string> {
  return { HOST: '127.0.0.1', PORT: String(port) };
}

async function query(url: string, statement: string): Promise<Record<string, unknown>[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    const { rows } = await client.query<Record<string, unknown>>(statement);
    return rows;
  } finally {
    await client.end();
  }
}
