// Elastic Beanstalk: what its configuration files say together with the Procfile.
import { existsSync } from 'node:fs';
import { parse } from 'yaml';
import { type Finding, ROOT, type Tree } from '../kube.js';
import { judgeEnvironment } from '../settings.js';
import { isServed } from './probes.js';
import { checkGivenAway, judgeProcess } from './process.js';

/** Hands the database over, then runs what follows. */
const WRAPPER = ['sh', '.ebextensions/with-rds.sh'];
/** What it sets. */
const FROM_RDS = { PGPASSWORD: 'x', DATABASE_URL: 'postgresql://x@x:5432/x?sslmode=verify-full' };

export interface Beanstalk {
  /** By path. */
  readonly configs: Readonly<Record<string, string>>;
  readonly procfile: string;
}

/** @param connectionsMax what the database of the plan takes */
export function checkBeanstalk({ configs, procfile }: Beanstalk, connectionsMax: number): Finding[] {
  const parsed: Tree[] = Object.values(configs).map((text) => parse(text));
  const options: Tree = Object.assign({}, ...parsed.map(({ option_settings: some }) => some));
  const variables: Record<string, string> = { ...options['aws:elasticbeanstalk:application:environment'], ...FROM_RDS };
  const commands: Tree[] = parsed.flatMap(({ container_commands: some }) => Object.values(some ?? {}));
  const files: string[] = parsed.flatMap(({ files: some }) => Object.keys(some ?? {}));
  const finding = (path: string, problem: string): Finding => ({ object: '.ebextensions', path, problem });
  const process = options['aws:elasticbeanstalk:environment:process:default'];
  const { settings } = judgeEnvironment(variables);
  const { MaxSize: size } = options['aws:autoscaling:asg'];
  const { BatchSize: batch, DeploymentPolicy: policy, Timeout: timeout } = options['aws:elasticbeanstalk:command'];
  const each = settings === undefined ? 0 : settings.pool.size + settings.pool.overflow + 1;
  const most = (Number(size) + Number(batch)) * each + 2;
  const migrates = commands.filter(({ command }) => String(command).endsWith('migrate.js up'));
  const lines = [/^web: (.+)$/m.exec(procfile)?.[1] ?? '', ...commands.map(({ command }) => String(command))];
  return [
    ...Object.entries(configs).flatMap(([path, text]) => checkGivenAway(path, text)),
    ...lines.flatMap((line) => {
      const words = line.split(' ');
      const isWrapped = WRAPPER.every((word, at) => words[at] === word) && existsSync(`${ROOT}${WRAPPER[1]}`);
      if (!isWrapped) return [finding('command', `${line} does not know the database`)];
      return judgeProcess({ file: '.ebextensions', path: line, command: words.slice(WRAPPER.length), variables });
    }),
    ...(migrates.length === 1 && migrates[0].leader_only === true
      ? []
      : [finding('container_commands', 'migrate not on one instance, once')]),
    ...(isServed(process.HealthCheckPath) ? [] : [finding('HealthCheckPath', 'is not served')]),
    ...(Number(process.HealthCheckTimeout) < Number(process.HealthCheckInterval)
      ? []
      : [finding('HealthCheckTimeout', 'is no less than the interval')]),
    ...(settings === undefined || Number(process.DeregistrationDelay) * 1_000 >= settings.shutdownGraceMs
      ? []
      : [finding('DeregistrationDelay', 'is less than requests in flight are given')]),
    ...(files.includes(variables['DATABASE_SSLROOTCERT'] ?? '')
      ? []
      : [finding('DATABASE_SSLROOTCERT', 'is no file that is made')]),
    ...(policy === 'RollingWithAdditionalBatch' ? [] : [finding('DeploymentPolicy', 'has fewer servers meanwhile')]),
    ...(settings === undefined ||
    Number(timeout) * 1_000 > settings.migrate.statementTimeoutMs + settings.migrate.waitSeconds * 1_000
      ? []
      : [finding('Timeout', 'is less than a migration may take')]),
    ...(Number(options['aws:rds:dbinstance'].DBEngineVersion) >= 16
      ? []
      : [finding('DBEngineVersion', 'is older than 16')]),
    ...(most <= connectionsMax ? [] : [finding('MaxSize', `${most} connections, of ${connectionsMax}`)]),
  ];
}
