// compose, Render and Elastic Beanstalk: as they are without a finding, and with each of some mistakes, planted alone, found.
import { execFileSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { linesOf } from './checks/all.js';
import { checkBeanstalk } from './checks/beanstalk.js';
import { checkBlueprint } from './checks/blueprint.js';
import { checkCompose } from './checks/compose.js';
import { isIgnored } from './containerfile.js';
import { readText, ROOT } from './kube.js';

/** What the databases of the plans that are named take, by their vendors' pages: Render's basic-1gb, and db.t4g.small on RDS. */
const CONNECTIONS = { render: 100, beanstalk: 180 };

describe('compose.yaml', () => {
  const text = readText('compose.yaml');

  it('is as it should be', () => {
    expect(linesOf(checkCompose(text))).toEqual([]);
  });

  it.each([
    [
      'a server that does not wait for the migrations',
      'service_completed_successfully',
      'service_started',
      'does not wait for the migrations',
    ],
    ['a PostgreSQL that is too old', 'postgres:17', 'postgres:15', 'is older than 16'],
    ['a health that is not served', '/readyz', '/ready', 'asks for nothing that is served'],
    ['another port', "PORT: '3000'", "PORT: '8080'", 'are not the PORT'],
    ['a setting that does not exist', 'SHUTDOWN_GRACE_MS', 'SHUTDOWN_GRACE', 'SHUTDOWN_GRACE is no setting'],
    ['a verb that does not exist', 'migrate.js, up', 'migrate.js, upgrade', 'migrate knows no upgrade'],
    ['a password', '${PASSBOOK_SERVER_PASSWORD}@', 'hunter2@', 'is a secret'],
    ['a database under another host', '@postgres:5432', '@database:5432', 'there is no service database'],
    [
      'a grace that is too short',
      'stop_grace_period: 30s',
      'stop_grace_period: 10s',
      '10 s, where stopping takes up to 20 s',
    ],
    ['a root that can be written to', 'read_only: true', 'read_only: false', 'may do more'],
    ['a volume that is not there', '- data:', '- pgdata:', 'there is no volume pgdata'],
  ])('%s is found', (_, from, to, said) => {
    expect(text).toContain(from);
    expect(linesOf(checkCompose(text.replace(from, to)))).toContainEqual(expect.stringContaining(said));
  });
});

describe('render.yaml', () => {
  const text = readText('render.yaml');

  it('is as it should be', () => {
    expect(linesOf(checkBlueprint(text, CONNECTIONS.render))).toEqual([]);
  });

  it.each([
    ['no migration', 'migrate.js up', 'migrate.js status', 'migrates nothing'],
    ['a health that is not served', '/readyz', '/healthz', 'healthCheckPath: is not served'],
    [
      'another database',
      '          name: passbook-postgres',
      '          name: passbook',
      'there is no database passbook',
    ],
    ['a setting that does not exist', 'DB_POOL_SIZE', 'DATABASE_POOL', 'DATABASE_POOL is no setting'],
    ['a number for a text', "value: '10000'", 'value: 10000', 'PORT: is no text'],
    [
      'a grace that is too short',
      'maxShutdownDelaySeconds: 45',
      'maxShutdownDelaySeconds: 30',
      '30 s, where stopping takes up to 30 s',
    ],
    ['more servers than the database takes', 'numInstances: 2', 'numInstances: 6', '134 connections, of 100'],
    ['an open database', 'ipAllowList: []', 'ipAllowList: [{ source: 0.0.0.0/0 }]', 'lets the internet in'],
    ['a password', 'value: production', 'value: postgresql://passbook:hunter2@dpg/passbook', 'is a secret'],
  ])('%s is found', (_, from, to, said) => {
    expect(text).toContain(from);
    expect(linesOf(checkBlueprint(text.replace(from, to), CONNECTIONS.render))).toContainEqual(
      expect.stringContaining(said),
    );
  });
});

describe('Elastic Beanstalk', () => {
  const configs = Object.fromEntries(
    readdirSync(`${ROOT}.ebextensions`)
      .filter((name) => name.endsWith('.config'))
      .map((name) => [`.ebextensions/${name}`, readText(`.ebextensions/${name}`)] as const),
  );
  const procfile = readText('Procfile');
  const findingsOf = (from = '', to = '') =>
    linesOf(
      checkBeanstalk(
        {
          configs: Object.fromEntries(Object.entries(configs).map(([path, text]) => [path, text.replace(from, to)])),
          procfile: procfile.replace(from, to),
        },
        CONNECTIONS.beanstalk,
      ),
    );

  it('is as it should be', () => {
    expect(findingsOf()).toEqual([]);
  });

  it.each([
    ['migrations on every instance', 'leader_only: true', 'leader_only: false', 'not on one instance, once'],
    [
      'a server that does not know the database',
      'web: sh .ebextensions/with-rds.sh',
      'web:',
      'does not know the database',
    ],
    ['a health that is not served', '/readyz', '/', 'HealthCheckPath: is not served'],
    ['an authority that is not there', 'global-bundle.pem:', 'bundle.pem:', 'is no file that is made'],
    ['a setting that does not exist', 'DB_MAX_OVERFLOW', 'DB_OVERFLOW', 'DB_OVERFLOW is no setting'],
    ['fewer servers during a deploy', 'RollingWithAdditionalBatch', 'Rolling', 'has fewer servers meanwhile'],
    ['more servers than the database takes', "MaxSize: '4'", "MaxSize: '40'", 'connections, of 180'],
    [
      'an end that comes too soon',
      "DeregistrationDelay: '20'",
      "DeregistrationDelay: '5'",
      'is less than requests in flight',
    ],
    ['a deploy that is cut off', "Timeout: '1800'", "Timeout: '600'", 'is less than a migration may take'],
    ['a password', 'DBEngine: postgres', 'DBPassword: hunter2', 'is a secret'],
  ])('%s is found', (_, from, to, said) => {
    expect([...Object.values(configs), procfile].join('\n')).toContain(from);
    expect(findingsOf(from, to)).toContainEqual(expect.stringContaining(said));
  });

  it('hands the database over, its password beside the URL', () => {
    const rds = {
      RDS_HOSTNAME: 'db.rds.amazonaws.com',
      RDS_PORT: '5432',
      RDS_DB_NAME: 'ebdb',
      RDS_USERNAME: 'passbook',
      RDS_PASSWORD: 'p@ss/word',
    };
    expect(wrapped(rds)).toBe('p@ss/word postgresql://passbook@db.rds.amazonaws.com:5432/ebdb?sslmode=verify-full');
    expect(wrapped({ ...rds, DATABASE_URL: 'postgresql://elsewhere/bank' })).toBe(' postgresql://elsewhere/bank');
    expect(() => wrapped({})).toThrow('let the environment have a database');
  });

  it('uploads what is built and what it needs, and nothing else', () => {
    const list = readText('.ebignore').replaceAll(/^!(.+?)\/(\*\*)?$/gm, '!$1');
    const letIn = readdirSync(ROOT).filter((path) => !isIgnored(path, list));
    expect(letIn.sort()).toEqual(['.ebextensions', 'Procfile', 'dist', 'package-lock.json', 'package.json']);
  });

  function wrapped(env: Record<string, string>): string {
    const command = ['.ebextensions/with-rds.sh', 'sh', '-c', 'printf "%s %s" "${PGPASSWORD:-}" "$DATABASE_URL"'];
    return execFileSync('sh', command, {
      cwd: ROOT,
      env: { PATH: process.env['PATH'], ...env },
      encoding: 'utf8',
      stdio: 'pipe',
    });
  }
});
