// render.yaml: the service, its database, and the migrations before each deploy.
import { parse } from 'yaml';
import { type Finding, type Tree } from '../kube.js';
import { judgeEnvironment } from '../settings.js';
import { isServed } from './probes.js';
import { checkGivenAway, judgeProcess, SERVER } from './process.js';

/** @param connectionsMax what the database of the plan takes */
export function checkBlueprint(text: string, connectionsMax: number): Finding[] {
  const file = 'render.yaml';
  const { databases, services }: Tree = parse(text);
  const [service] = services;
  const finding = (path: string, problem: string): Finding => ({ object: file, path, problem });
  const variables: Record<string, string> = {};
  const links = service.envVars.filter(({ fromDatabase }: Tree) => fromDatabase !== undefined);
  for (const { key, value } of service.envVars) variables[key] = String(value ?? 'postgresql://x:x@x/x');
  const { settings } = judgeEnvironment(variables);
  // While a new version comes, the old one is still there.
  const most =
    settings === undefined ? 0 : 2 * service.numInstances * (settings.pool.size + settings.pool.overflow + 1) + 2;
  return [
    ...checkGivenAway(file, text),
    ...service.envVars
      .filter(({ value }: Tree) => value !== undefined && typeof value !== 'string')
      .map(({ key }: Tree) => finding(`services.0.envVars.${key}`, 'is no text')),
    ...[`node ${SERVER}`, String(service.preDeployCommand)].flatMap((line) =>
      judgeProcess({
        file,
        path: line,
        command: line.split(' '),
        variables,
        graceSeconds: service.maxShutdownDelaySeconds,
      }),
    ),
    ...(String(service.preDeployCommand).endsWith('migrate.js up')
      ? []
      : [finding('services.0.preDeployCommand', 'migrates nothing')]),
    ...(isServed(service.healthCheckPath) ? [] : [finding('services.0.healthCheckPath', 'is not served')]),
    ...(links.some(({ key }: Tree) => key === 'DATABASE_URL')
      ? []
      : [finding('services.0.envVars', 'no database is linked')]),
    ...links
      .filter(({ fromDatabase }: Tree) => !databases.some(({ name }: Tree) => name === fromDatabase.name))
      .map(({ fromDatabase }: Tree) => finding('services.0.envVars', `there is no database ${fromDatabase.name}`)),
    ...(Number(databases[0].postgresMajorVersion) >= 16 ? [] : [finding('databases.0', 'is older than 16')]),
    ...(databases[0].ipAllowList?.length === 0 ? [] : [finding('databases.0.ipAllowList', 'lets the internet in')]),
    ...(most <= connectionsMax
      ? []
      : [finding('services.0.numInstances', `${most} connections, of ${connectionsMax}`)]),
  ];
}
