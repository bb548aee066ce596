// Mistakes that people make in deployment descriptions, each planted alone and each found by the check that is there for it. That the
// descriptions as they are have no finding is shown in k8s.test.ts.
import { expect, it } from 'vitest';
import { CHECKS, type CheckName, linesOf } from './checks/all.js';
import { type KubeObject, type Rendered, type Tree } from './kube.js';
import { renderingOf } from './renderings.js';

const DEV = 'k8s/overlays/dev';
const PRODUCTION = 'k8s/overlays/production';
const CNPG = 'k8s/examples/cloudnative-pg';
const PGBOUNCER = 'k8s/examples/pgbouncer';
const MONITORING = 'k8s/examples/monitoring';

/** What it is, which check finds it, what that check says, where it is planted and how. */
type Mistake = readonly [string, CheckName, string, string, (rendered: Rendered) => void];

// prettier-ignore
const MISTAKES: readonly Mistake[] = [
  // Against the API.
  ['a misspelled field', 'schemas', 'readinesProbe: the API knows no such field', DEV, (r) => {
    const container = server(r);
    container.readinesProbe = container.readinessProbe;
    delete container.readinessProbe;
  }],
  ['a number for a text', 'schemas', 'must be string', DEV, (r) => (env(job(r), 'MIGRATE_WAIT_SECONDS').value = 300)],
  ['a selector left out', 'schemas', 'must have required property selector', DEV, (r) => delete one(r, 'Deployment').spec.selector],
  ['an API that is gone', 'schemas', 'no autoscaling/v2beta2', DEV, (r) => (one(r, 'HorizontalPodAutoscaler').apiVersion = 'autoscaling/v2beta2')],
  ['a misspelled field of an operator', 'schemas', 'must NOT have additional properties', CNPG, (r) => (one(r, 'Cluster').spec.postgresql.synchronus = {})],
  // Names.
  ['settings under another name', 'names', 'there is no ConfigMap settings', DEV, (r) => (server(r).envFrom[0].configMapRef.name = 'settings')],
  ['a Secret that nobody makes', 'names', 'there is no Secret passbook-db', DEV, (r) => (env(server(r), 'DATABASE_URL').valueFrom.secretKeyRef.name = 'passbook-db')],
  ['a key that the Secret does not have', 'names', 'has no key url', PRODUCTION, (r) => (env(job(r), 'DATABASE_URL').valueFrom.secretKeyRef.key = 'url')],
  ['a ServiceAccount that is not there', 'names', 'there is no ServiceAccount default-2', DEV, (r) => (pod(r, 'Job').serviceAccountName = 'default-2')],
  ['an autoscaler of something else', 'names', 'there is no Deployment server', DEV, (r) => (one(r, 'HorizontalPodAutoscaler').spec.scaleTargetRef.name = 'server')],
  ['an Ingress to a Service that is not there', 'names', 'there is no Service api', DEV, (r) => (one(r, 'Ingress').spec.rules[0].http.paths[0].backend.service.name = 'api')],
  ['a StatefulSet without its Service', 'names', 'there is no Service postgres', DEV, (r) => (one(r, 'StatefulSet').spec.serviceName = 'postgres')],
  ['a certificate that nobody makes', 'names', 'there is no Secret passbook-tls', DEV, (r) => delete one(r, 'Ingress').metadata.annotations],
  ['a backup of another cluster', 'names', 'there is no Cluster bank', CNPG, (r) => (one(r, 'ScheduledBackup').spec.cluster.name = 'bank')],
  ['a mount of a volume that is not there', 'mounts', 'there is no volume pgdata', DEV, (r) => (one(r, 'StatefulSet').spec.template.spec.containers[0].volumeMounts[0].name = 'pgdata')],
  ['an object in another namespace', 'namespace', 'is not passbook', PRODUCTION, (r) => (one(r, 'Service').metadata.namespace = 'default')],
  ["banks' keys under another name", 'names', 'there is no Secret passbook-teller', PRODUCTION, (r) => (server(r).envFrom[1].secretRef.name = 'passbook-teller')],
  // Labels.
  ['a Service whose labels nobody has', 'selectors', 'Service/passbook spec.selector: selects no pod', PRODUCTION, (r) => (one(r, 'Service').spec.selector['app.kubernetes.io/component'] = 'api')],
  ['a Deployment that does not own its pods', 'selectors', 'does not select its own pods', DEV, (r) => (one(r, 'Deployment').spec.selector.matchLabels['app.kubernetes.io/name'] = 'bank')],
  ['a budget for nobody', 'selectors', 'PodDisruptionBudget/passbook spec.selector: selects no pod', DEV, (r) => (one(r, 'PodDisruptionBudget').spec.selector.matchLabels = { app: 'passbook' })],
  ['a policy for nobody', 'selectors', 'NetworkPolicy/server-to-banks spec.podSelector: selects no pod', DEV, (r) => (named(r, 'server-to-banks').spec.podSelector.matchLabels = { app: 'passbook' })],
  ['a spread over pods of somebody else', 'selectors', 'does not select its own pods', DEV, (r) => (pod(r, 'Deployment').topologySpreadConstraints[0].labelSelector.matchLabels = { app: 'passbook' })],
  // Ports and probes.
  ['another PORT than the container says', 'ports', 'PORT is 8080', DEV, (r) => (settings(r).PORT = '8080')],
  ['a Service to a port that is not there', 'ports', 'has the port 8080', PRODUCTION, (r) => (one(r, 'Service').spec.ports[0].targetPort = 8080)],
  ['an Ingress to a port that is not there', 'ports', 'has no port web', DEV, (r) => (one(r, 'Ingress').spec.rules[0].http.paths[0].backend.service.port.name = 'web')],
  ['a policy for a port that nobody has', 'ports', 'nobody there has port 8443', DEV, (r) => (named(r, 'ingress-controller-to-server').spec.ingress[0].ports[0].port = 8443)],
  ['a probe for a path that is not served', 'probes', '/healthz is not served', DEV, (r) => (server(r).readinessProbe.httpGet.path = '/healthz')],
  ['a liveness that looks at the database', 'probes', 'is /livez, not /readyz', DEV, (r) => (server(r).livenessProbe.httpGet.path = '/readyz')],
  ['a probe at a port that is not there', 'probes', 'the container has no port web', DEV, (r) => (server(r).startupProbe.httpGet.port = 'web')],
  ['a readiness that is too impatient', 'probes', 'gives up before READY_CHECK_TIMEOUT_MS', DEV, (r) => (server(r).readinessProbe.timeoutSeconds = 1)],
  // The environment.
  ['a setting that does not exist', 'environment', 'DB_POOLSIZE is no setting', DEV, (r) => (settings(r).DB_POOLSIZE = '4')],
  ['a value that the setting does not take', 'environment', 'DB_POOL_SIZE is "many"', DEV, (r) => (settings(r).DB_POOL_SIZE = 'many')],
  ['a process that is not in production', 'environment', 'does not say production', DEV, (r) => (settings(r).NODE_ENV = 'development')],
  ['a verb that does not exist', 'environment', 'migrate knows no upgrade', DEV, (r) => (job(r).command = ['node', 'dist/src/migrate.js', 'upgrade'])],
  ['an option that does not exist', 'environment', 'wait knows no --schemas', DEV, (r) => (pod(r, 'Deployment').initContainers[0].command[3] = '--schemas')],
  ['a database under another host', 'environment', 'there is no Service postgres,', DEV, (r) => (template(r).stringData['server-url'] = 'postgresql://passbook_server:<password>@postgres/passbook')],
  ['a managed database without a checked certificate', 'environment', 'reached with sslmode=verify-full', PRODUCTION, (r) => (template(r).stringData['server-url'] = 'postgresql://passbook_server:<password>@<host>/passbook?sslmode=require')],
  ['an authority that is not mounted', 'environment', 'lies in no volume', PRODUCTION, (r) => delete job(r).volumeMounts],
  ['an authority under another name', 'environment', 'has no ca.pem', CNPG, (r) => (pod(r, 'Job').volumes[0].secret.items[0].path = 'ca.crt')],
  ['servers that do not know of the pooler', 'environment', 'of which DATABASE_POOLER says nothing', PGBOUNCER, (r) => delete settings(r).DATABASE_POOLER],
  ['a schema that is looked at through the pooler', 'environment', 'DATABASE_DIRECT_URL is missing', PGBOUNCER, (r) => pod(r, 'Deployment').initContainers[0].env.shift()],
  ['a way past the pooler that leads to it', 'environment', 'DATABASE_DIRECT_URL leads to a pooler', PGBOUNCER, (r) => (env(server(r), 'DATABASE_DIRECT_URL').valueFrom.secretKeyRef.key = 'server-url')],
  ["a bank's key without the encryption keys", 'environment', 'ENCRYPTION_KEYS is nothing', PRODUCTION, (r) => delete named(r, 'passbook-feeds', 'byHand').stringData.ENCRYPTION_KEYS],
  ['a certificate without its key', 'environment', 'TELLER_PRIVATE_KEY is nothing', PRODUCTION, (r) => delete named(r, 'passbook-feeds', 'byHand').stringData.TELLER_PRIVATE_KEY],
  ['servers that own the tables', 'roles', 'passbook_migrate is the role of the migrations', DEV, (r) => (env(server(r), 'DATABASE_URL').valueFrom.secretKeyRef.key = 'migrate-url')],
  // Images and the release.
  ['migrations of another version', 'images', 'is not registry.example.com/passbook:0.1.0', PRODUCTION, (r) => (job(r).image = 'registry.example.com/passbook:0.0.9')],
  ['an image that is whichever is the latest', 'images', 'names no version', DEV, (r) => (one(r, 'StatefulSet').spec.template.spec.containers[0].image = 'docker.io/library/postgres')],
  ['a Job of the release before', 'images', 'does not name the release 0.1.0', PRODUCTION, (r) => (one(r, 'Job').metadata.name = 'passbook-migrate-0.0.9')],
  // Connections.
  ['more servers than the database takes', 'connections', '> 200', PRODUCTION, (r) => (one(r, 'HorizontalPodAutoscaler').spec.maxReplicas = 20)],
  ['larger pools than the database takes', 'connections', '> 50', DEV, (r) => (settings(r).DB_MAX_OVERFLOW = '20')],
  ['a limit that is said nowhere', 'connections', 'is said nowhere', PRODUCTION, (r) => delete one(r, 'Deployment').metadata.annotations],
  ['a pooler that takes more than there is', 'connections', '3 × 80 + 10 > 200', PGBOUNCER, (r) => (one(r, 'Pooler').spec.pgbouncer.parameters.max_db_connections = '80')],
  // Coming and going.
  ['a rollout that takes servers away first', 'rollout', 'takes a server away before', DEV, (r) => (one(r, 'Deployment').spec.strategy.rollingUpdate = { maxUnavailable: 1, maxSurge: 0 })],
  ['a number of replicas beside an autoscaler', 'rollout', 'is set back at every apply', DEV, (r) => (one(r, 'Deployment').spec.replicas = 2)],
  ['a rollout that gives up before the migration', 'rollout', 'ends before the migration may', DEV, (r) => (one(r, 'Deployment').spec.progressDeadlineSeconds = 600)],
  ['a grace that is too short', 'ending', '30 s, where stopping takes up to 30 s', DEV, (r) => (pod(r, 'Deployment').terminationGracePeriodSeconds = 30)],
  ['no time for others to notice', 'ending', 'no time for others to notice', DEV, (r) => delete server(r).lifecycle],
  ['statements that outlive their server', 'ending', 'may take longer than SHUTDOWN_GRACE_MS', DEV, (r) => (settings(r).DB_STATEMENT_TIMEOUT_MS = '60000')],
  ['a budget that lets no node be drained', 'disruption', 'lets no node be drained', DEV, (r) => (one(r, 'PodDisruptionBudget').spec = { ...one(r, 'PodDisruptionBudget').spec, maxUnavailable: undefined, minAvailable: 1 })],
  ['fewer servers at most than at least', 'disruption', 'is above the most', PRODUCTION, (r) => (one(r, 'HorizontalPodAutoscaler').spec.maxReplicas = 2)],
  ['a migration that is tried for ever', 'jobs', 'spec.activeDeadlineSeconds: is missing', DEV, (r) => delete one(r, 'Job').spec.activeDeadlineSeconds],
  ['a migration that waits for a table for ever', 'waiting', 'may wait for ever', DEV, (r) => (env(job(r), 'MIGRATE_LOCK_TIMEOUT_MS').value = '0')],
  ['a migration that is cut off in its first attempt', 'waiting', 'is less than one attempt may take', DEV, (r) => (one(r, 'Job').spec.activeDeadlineSeconds = 600)],
  ['a wrong password that is tried again', 'jobs', 'gives up at 1, 2, 78', DEV, (r) => (one(r, 'Job').spec.podFailurePolicy.rules[1].onExitCodes.values = [1, 2, 78])],
  ['accounts that are opened before the schema may be there', 'waiting', 'is less than one attempt may take', DEV, (r) => (seed(r).spec.activeDeadlineSeconds = 1800)],
  ['a Job that would have to change with any setting', 'jobs', 'names the settings', DEV, (r) => (seed(r).spec.template.spec.containers[0].envFrom = [{ configMapRef: { name: 'passbook-settings' } }])],
  ['a failure policy for a container of another Job', 'jobs', 'is about no container of the Job', DEV, (r) => (seed(r).spec.podFailurePolicy.rules[1].onExitCodes.containerName = 'migrate')],
  ['accounts that are opened by who owns the tables', 'roles', 'Job/passbook-seed-0.1.0 spec.template.spec.containers.seed.env: passbook_migrate', DEV, (r) => (env(seed(r).spec.template.spec.containers[0], 'DATABASE_URL').valueFrom.secretKeyRef.key = 'migrate-url')],
  ['accounts that are opened through a pooler that they know nothing of', 'environment', 'of which DATABASE_POOLER says nothing', PGBOUNCER, (r) => (env(seed(r).spec.template.spec.containers[0], 'DATABASE_URL').valueFrom.secretKeyRef.key = 'server-url')],
  ['a seed that does not exist', 'environment', 'seed knows no accounts', DEV, (r) => (seed(r).spec.template.spec.containers[0].command[3] = 'accounts')],
  ['system accounts that are none', 'environment', 'SYSTEM_ACCOUNTS is', DEV, (r) => (env(seed(r).spec.template.spec.containers[0], 'SYSTEM_ACCOUNTS').value = 'treasury')],
  ['accounts of the release before', 'images', 'does not name the release 0.1.0', PRODUCTION, (r) => (seed(r).metadata.name = 'passbook-seed-0.0.9')],
  // The network.
  ['a seed that may not go to the database', 'way to the database', 'Job/passbook-seed-0.1.0 NetworkPolicy: may not go', PRODUCTION, (r) => named(r, 'passbook-to-database').spec.podSelector.matchExpressions[0].values.pop()],
  ['a network that is open to all', 'network', 'Ingress is open to all', DEV, (r) => (named(r, 'deny-all').spec.policyTypes = ['Egress'])],
  ['no name server', 'network', 'may ask no name server', DEV, (r) => (named(r, 'everybody-to-dns').spec.egress[0].ports = [{ protocol: 'TCP', port: 53 + 1 }])],
  ['migrations that may not go to the database', 'way to the database', 'Job/passbook-migrate-0.1.0 NetworkPolicy: may not go', PRODUCTION, (r) => (named(r, 'passbook-to-database').spec.podSelector.matchExpressions[0].values = ['server'])],
  ['a database that lets nobody in', 'way to the database', 'is not let in by the database', DEV, (r) => (named(r, 'database-from-passbook').spec.ingress[0].from[0].podSelector.matchExpressions[0].values = ['api'])],
  ['a way to the wrong database', 'way to the database', 'may not go to the database', PGBOUNCER, (r) => named(r, 'passbook-to-database').spec.egress[0].to.pop()],
  // Security.
  ['a namespace that lets everything in', 'pod security', 'does not enforce restricted', DEV, (r) => (one(r, 'Namespace').metadata.labels = {})],
  ['a user that may be root', 'pod security', 'may run as root', DEV, (r) => delete pod(r, 'Job').securityContext.runAsNonRoot],
  ['a root that can be written to', 'pod security', 'may write to its root', DEV, (r) => (server(r).securityContext.readOnlyRootFilesystem = false)],
  ['privileges that can be gained', 'pod security', 'may gain privileges', DEV, (r) => delete server(r).securityContext.allowPrivilegeEscalation],
  ['capabilities that are kept', 'pod security', 'keeps capabilities', DEV, (r) => (pod(r, 'Deployment').initContainers[0].securityContext.capabilities = {})],
  ['a token for a pod that needs none', 'pod security', 'is given a token', DEV, (r) => delete pod(r, 'StatefulSet').automountServiceAccountToken],
  ['a container without limits', 'pod security', 'asks for no measure', DEV, (r) => delete server(r).resources],
  // Secrets.
  ['a password in the settings', 'secrets', 'data.DATABASE_URL: is a secret', DEV, (r) => (settings(r).DATABASE_URL = 'postgresql://passbook:hunter2@passbook-postgres/passbook')],
  ['an encryption key in the settings', 'secrets', 'data.ENCRYPTION_KEYS: is a secret', PRODUCTION, (r) => (settings(r).ENCRYPTION_KEYS = `k:${'A'.repeat(43)}=`)],
  ['a password in a container', 'secrets', 'postgres.env.POSTGRES_PASSWORD: is a secret', DEV, (r) => (one(r, 'StatefulSet').spec.template.spec.containers[0].env[2] = { name: 'POSTGRES_PASSWORD', value: 'hunter2' })],
  ['a template that was filled in', 'secrets', 'stringData.admin-password: is a secret', DEV, (r) => (template(r).stringData['admin-password'] = 'hunter2')],
  ['a Secret among what is applied', 'secrets', 'a Secret is made by hand', DEV, (r) => (r.objects as KubeObject[]).push(template(r))],
  // What is watched.
  ['metrics on another port', 'monitoring', 'METRICS_PORT is 9090, not 9464', MONITORING, (r) => (settings(r).METRICS_PORT = '9090')],
  ['metrics that are not served', 'monitoring', 'METRICS_PORT is undefined, not 9464', MONITORING, (r) => delete settings(r).METRICS_PORT],
  ['a monitor of nothing', 'monitoring', 'selects no Service', MONITORING, (r) => (one(r, 'ServiceMonitor').spec.selector.matchLabels = { app: 'passbook' })],
  ['a monitor of a port that is not there', 'monitoring', 'has no port web', MONITORING, (r) => (one(r, 'ServiceMonitor').spec.endpoints[0].port = 'web')],
  ['a path that is not served', 'monitoring', 'is not /metrics', MONITORING, (r) => (one(r, 'ServiceMonitor').spec.endpoints[0].path = '/stats')],
  ['a scrape that never ends', 'monitoring', 'is no less than the interval', MONITORING, (r) => (one(r, 'ServiceMonitor').spec.endpoints[0].scrapeTimeout = '60s')],
  ['a scraper that is not let in', 'monitoring', 'nobody is let in to scrape', MONITORING, (r) => (named(r, 'prometheus-to-server').spec.ingress[0].ports[0].port = 'http')],
  ['rules that say something else', 'monitoring', 'are not the rules', MONITORING, (r) => (one(r, 'PrometheusRule').spec.groups[0].rules[0].for = '50m')],
  ['a misspelled field of a rule', 'schemas', 'must NOT have additional properties', MONITORING, (r) => (one(r, 'PrometheusRule').spec.groups[0].rules[0].fr = '5m')],
];

it.each(MISTAKES)('%s is found', (_, check, said, folder, plant) => {
  const rendered = renderingOf(folder);
  plant(rendered);
  expect(linesOf(CHECKS[check](rendered))).toContainEqual(expect.stringContaining(said));
});

function one({ objects }: Rendered, kind: string): Tree {
  return objects.find((object) => object.kind === kind && object.metadata.name.startsWith('passbook'));
}

function seed({ objects }: Rendered): Tree {
  return objects.find(({ kind, metadata }) => kind === 'Job' && metadata.name.startsWith('passbook-seed'));
}

function named(rendered: Rendered, name: string, list: 'objects' | 'byHand' = 'objects'): Tree {
  return rendered[list].find(({ metadata }) => metadata.name === name);
}

function pod(rendered: Rendered, kind: string): Tree {
  return one(rendered, kind).spec.template.spec;
}

function server(rendered: Rendered): Tree {
  return pod(rendered, 'Deployment').containers[0];
}

function job(rendered: Rendered): Tree {
  return pod(rendered, 'Job').containers[0];
}

function env(container: Tree, name: string): Tree {
  return container.env.find((variable: Tree) => variable.name === name);
}

function settings({ objects }: Rendered): Record<string, string> {
  return objects.find(({ kind, metadata }) => kind === 'ConfigMap' && metadata.name.startsWith('passbook-settings'))?.[
    'data'
  ];
}

function template({ byHand }: Rendered): Tree {
  return byHand.find(({ metadata }) => metadata.name === 'passbook-database');
}
