// What each process of ours is given: settings that exist, values that they take, and a store that is the right one for it.
import { type Finding, ofKind, type Rendered, type Tree } from '../kube.js';
import { problemOfCommand } from '../commands.js';
import { type Container, environmentOf, everything, keysOf, migrates, passbooksOf } from '../pods.js';
import { hostOf, judgeEnvironment } from '../settings.js';
import { serviceNamed } from './ports.js';

export function checkEnvironment(rendered: Rendered): Finding[] {
  return passbooksOf(rendered).flatMap((one) => {
    const { container, at } = one;
    const variables = environmentOf(one, rendered);
    const { settings, problems } = judgeEnvironment(variables);
    const command = problemOfCommand(container.command);
    const env = (problem: string): Finding => ({ ...at, path: `${at.path}.env`, problem });
    return [
      ...(command === undefined ? [] : [{ ...at, path: `${at.path}.command`, problem: command }]),
      ...problems.map(env),
      ...(settings === undefined || settings.isProduction ? [] : [env('does not say production')]),
      ...problemsOfStore(variables['DATABASE_URL'] ?? '', rendered).map(env),
      ...problemsOfPooler(container.command, variables, rendered).map(env),
      ...problemsOfAuthority(one, variables['DATABASE_SSLROOTCERT'], rendered).map(env),
    ];
  });
}

/** A base names no store: there its Secret is not known. */
function problemsOfStore(url: string, rendered: Rendered): string[] {
  if (url === '') return [];
  const host = hostOf(url);
  const isHere = serviceNamed(host, rendered) !== undefined;
  if (!isHere && !host.startsWith('<')) return [`there is no Service ${host}, which DATABASE_URL names`];
  return isHere || url.endsWith('sslmode=verify-full')
    ? []
    : ['a database elsewhere is reached with sslmode=verify-full'];
}

/** Whoever goes through a pooler says so, and whoever looks at the schema has a way past it. */
function problemsOfPooler(
  command: readonly string[],
  variables: Readonly<Record<string, string>>,
  { objects }: Rendered,
): string[] {
  const isPooler = (url = ''): boolean =>
    ofKind(objects, 'Pooler').some(({ metadata }) => metadata.name === hostOf(url));
  const { DATABASE_URL: url, DATABASE_DIRECT_URL: direct, DATABASE_POOLER: pooler = 'none' } = variables;
  if (isPooler(direct)) return ['DATABASE_DIRECT_URL leads to a pooler'];
  if (isPooler(url) && pooler === 'none')
    return ['DATABASE_URL leads to a pooler, of which DATABASE_POOLER says nothing'];
  const isBlind = pooler !== 'none' && direct === undefined && command.includes('dist/src/migrate.js');
  return isBlind ? ['DATABASE_DIRECT_URL is missing, by which the schema is looked at past the pooler'] : [];
}

/** The file lies in a volume, under a key that is there. */
function problemsOfAuthority(
  { container, workload }: Container,
  path: string | undefined,
  rendered: Rendered,
): string[] {
  if (path === undefined || path === 'system') return [];
  const mount = (container.volumeMounts ?? []).find(({ mountPath }: Tree) => path.startsWith(`${mountPath}/`));
  if (mount === undefined) return [`DATABASE_SSLROOTCERT lies in no volume: ${path}`];
  const volume = workload.spec.volumes?.find(({ name }: Tree) => name === mount.name);
  const source = volume?.configMap ?? volume?.secret;
  const name = source?.name ?? source?.secretName;
  const held = everything(rendered).find(({ metadata }) => metadata.name === name);
  const files = source?.items?.map((item: Tree) => item.path) ?? (held === undefined ? [] : keysOf(held));
  const file = path.slice(mount.mountPath.length + 1);
  return files.includes(file) ? [] : [`the volume ${mount.name} has no ${file}`];
}

/** The role that owns the tables is not the one that serves. */
export function checkRoles(rendered: Rendered): Finding[] {
  const users = passbooksOf(rendered).map((one) => {
    const url = environmentOf(one, rendered)['DATABASE_URL'];
    return { one, user: url === undefined ? undefined : /\/\/([^:@]+)[:@]/.exec(url)?.[1] };
  });
  const owners = users.filter(({ one }) => migrates(one)).map(({ user }) => user);
  return users
    .filter(({ one, user }) => !migrates(one) && user !== undefined && owners.includes(user))
    .map(({ one, user }) => ({
      ...one.at,
      path: `${one.at.path}.env`,
      problem: `${user} is the role of the migrations`,
    }));
}
