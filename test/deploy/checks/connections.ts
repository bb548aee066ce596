// All connections that there can be at once are fewer than the database takes.
import { type Finding, type KubeObject, nameOf, ofKind, type Rendered, type Tree } from '../kube.js';
import { environmentOf, passbooksOf } from '../pods.js';
import { hostOf, judgeEnvironment } from '../settings.js';

/** Of each server, past its pool: readiness asks on a connection of its own. */
const PROBE = 1;
/** A runner works on one and holds its lock on the other. */
const RUNNER = 2;
/** `superuser_reserved_connections` as it comes, and a few for people who look. */
const RESERVED = 3;
const PEOPLE = 5;

/** Nothing is said of a base, which has no database. */
export function checkConnections(rendered: Rendered): Finding[] {
  const limit = databaseLimit(rendered);
  const demand = demandOf(rendered);
  if (demand === undefined) return [];
  const { autoscaler, servers, each, host } = demand;
  const wanted = servers * each;
  const finding = (path: string, problem: string): Finding[] => [{ object: nameOf(autoscaler), path, problem }];
  const pooler = ofKind(rendered.objects, 'Pooler').find(({ metadata }) => metadata.name === host);
  if (limit === undefined)
    return finding('spec.maxReplicas', 'how many connections the database takes is said nowhere');
  const overhead = RUNNER + RESERVED + PEOPLE;
  if (pooler === undefined) {
    const sum = wanted + overhead;
    return sum <= limit ? [] : finding('spec.maxReplicas', `${servers} servers × ${each} + ${overhead} > ${limit}`);
  }
  const { instances, pgbouncer, deploymentStrategy } = pooler['spec'];
  const { max_client_conn: clients, max_db_connections: behind } = pgbouncer.parameters;
  const poolers = instances + (deploymentStrategy?.rollingUpdate?.maxSurge ?? 0);
  const sum = poolers * Number(behind) + overhead;
  return [
    ...(wanted <= instances * Number(clients)
      ? []
      : finding('spec.maxReplicas', `${wanted} > ${clients} of each pooler`)),
    ...(sum <= limit
      ? []
      : [
          {
            object: nameOf(pooler),
            path: 'spec.pgbouncer',
            problem: `${poolers} × ${behind} + ${overhead} > ${limit}`,
          },
        ]),
  ];
}

interface Demand {
  readonly autoscaler: KubeObject;
  /** At once, in the middle of a rollout: those that serve, the one that comes, and those that still end. */
  readonly servers: number;
  readonly each: number;
  readonly host: string;
}

function demandOf(rendered: Rendered): Demand | undefined {
  const server = passbooksOf(rendered).find(({ container }) => container.command.includes('dist/src/main.js'));
  const autoscaler = ofKind(rendered.objects, 'HorizontalPodAutoscaler')[0];
  if (server === undefined || autoscaler === undefined) return undefined;
  const environment = environmentOf(server, rendered);
  const { settings } = judgeEnvironment(environment);
  if (settings === undefined || environment['DATABASE_URL'] === undefined) return undefined;
  const { spec } = server.workload.object as Tree;
  const most: number = autoscaler['spec'].maxReplicas;
  const surge = Number(spec.strategy.rollingUpdate.maxSurge);
  const ending = surge * Math.ceil(server.workload.spec.terminationGracePeriodSeconds / spec.minReadySeconds);
  return {
    autoscaler,
    servers: most + surge + Math.min(most, ending),
    each: settings.pool.size + settings.pool.overflow + PROBE,
    host: hostOf(environment['DATABASE_URL']),
  };
}

/** Where it is said: by the database that is described here, else by the note of the one who runs another. */
function databaseLimit({ objects }: Rendered): number | undefined {
  const args = ofKind(objects, 'StatefulSet').flatMap(({ spec }) => spec.template.spec.containers[0].args ?? []);
  const said = [
    ...args.map((argument) => /^max_connections=(\d+)$/.exec(argument)?.[1]),
    ...ofKind(objects, 'Cluster').map(({ spec }) => spec.postgresql.parameters.max_connections),
    ...ofKind(objects, 'Deployment').map(({ metadata }) => metadata.annotations?.['database-max-connections']),
  ].filter((limit) => limit !== undefined);
  return said.length === 0 ? undefined : Math.min(...said.map(Number));
}
