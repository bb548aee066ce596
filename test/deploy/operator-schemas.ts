// What is used of CloudNativePG's objects, of its backup plugin's and of Prometheus' operator's, written down from their CRDs. Other fields
// exist; none but these is used here, so a misspelled one is found.
import { Ajv } from 'ajv';

type Node = Readonly<Record<string, unknown>>;

const text: Node = { type: 'string', minLength: 1 };
const flag: Node = { type: 'boolean' };
const count: Node = { type: 'integer', minimum: 0 };
const texts: Node = { type: 'object', additionalProperties: { type: 'string' } };
const oneOf = (...values: readonly string[]): Node => ({ enum: values });
const listOf = (items: Node): Node => ({ type: 'array', items });

/** A name that ends in `!` must be there. */
function fields(named: Readonly<Record<string, Node>>): Node {
  const properties = Object.fromEntries(Object.entries(named).map(([name, node]) => [name.replace('!', ''), node]));
  const required = Object.keys(named).flatMap((name) => (name.endsWith('!') ? [name.slice(0, -1)] : []));
  return { type: 'object', properties, required, additionalProperties: false };
}

function object(spec: Node): Node {
  const metadata = fields({ 'name!': text, namespace: text, labels: texts, annotations: texts });
  return fields({ 'apiVersion!': text, 'kind!': text, 'metadata!': metadata, 'spec!': spec });
}

const named = fields({ 'name!': text });
const keyOf = fields({ 'name!': text, 'key!': text });
const quantities = fields({ cpu: text, memory: text });
const volume = fields({ size: { type: 'string', pattern: '^[1-9]\\d*[MGT]i$' }, storageClass: text });

const cluster = object(
  fields({
    'instances!': { type: 'integer', minimum: 1 },
    imageName: text,
    primaryUpdateStrategy: oneOf('unsupervised', 'supervised'),
    bootstrap: fields({
      initdb: fields({ database: text, owner: text, secret: named, postInitApplicationSQL: listOf(text) }),
    }),
    managed: fields({
      roles: listOf(
        fields({
          'name!': text,
          ensure: oneOf('present', 'absent'),
          login: flag,
          superuser: flag,
          passwordSecret: named,
        }),
      ),
    }),
    postgresql: fields({
      parameters: texts,
      synchronous: fields({
        'method!': oneOf('any', 'first'),
        'number!': { type: 'integer', minimum: 1 },
        dataDurability: oneOf('required', 'preferred'),
      }),
    }),
    storage: volume,
    walStorage: volume,
    affinity: fields({
      enablePodAntiAffinity: flag,
      podAntiAffinityType: oneOf('preferred', 'required'),
      topologyKey: text,
    }),
    resources: fields({ requests: quantities, limits: quantities }),
    plugins: listOf(fields({ 'name!': text, isWALArchiver: flag, parameters: texts })),
  }),
);

const pooler = object(
  fields({
    'cluster!': named,
    type: oneOf('rw', 'ro', 'r'),
    instances: count,
    deploymentStrategy: fields({
      type: oneOf('RollingUpdate', 'Recreate'),
      rollingUpdate: fields({ maxSurge: count, maxUnavailable: count }),
    }),
    'pgbouncer!': fields({ poolMode: oneOf('session', 'transaction'), parameters: texts }),
  }),
);

const scheduledBackup = object(
  fields({
    // Six fields: seconds first.
    'schedule!': { type: 'string', pattern: '^(\\S+ ){5}\\S+$' },
    immediate: flag,
    backupOwnerReference: oneOf('none', 'self', 'cluster'),
    'cluster!': named,
    method: oneOf('barmanObjectStore', 'volumeSnapshot', 'plugin'),
    pluginConfiguration: fields({ 'name!': text, parameters: texts }),
  }),
);

const objectStore = object(
  fields({
    retentionPolicy: { type: 'string', pattern: '^[1-9]\\d*[dwm]$' },
    'configuration!': fields({
      'destinationPath!': text,
      endpointURL: text,
      s3Credentials: fields({ accessKeyId: keyOf, secretAccessKey: keyOf, inheritFromIAMRole: flag }),
      wal: fields({ compression: oneOf('bzip2', 'gzip', 'lz4', 'snappy', 'xz', 'zstd') }),
      data: fields({ compression: oneOf('bzip2', 'gzip', 'lz4', 'snappy', 'xz', 'zstd') }),
    }),
  }),
);

const duration: Node = { type: 'string', pattern: '^[1-9]\\d*(s|m|h)$' };

const serviceMonitor = object(
  fields({
    'selector!': fields({ matchLabels: texts }),
    'endpoints!': listOf(fields({ port: text, path: text, interval: duration, scrapeTimeout: duration })),
  }),
);

const prometheusRule = object(
  fields({
    'groups!': listOf(
      fields({
        'name!': text,
        'rules!': listOf(fields({ alert: text, 'expr!': text, for: duration, labels: texts, annotations: texts })),
      }),
    ),
  }),
);

export function operatorSchemas(): Record<string, (data: unknown) => boolean> {
  const ajv = new Ajv();
  return {
    'postgresql.cnpg.io/v1 Cluster': ajv.compile(cluster),
    'postgresql.cnpg.io/v1 Pooler': ajv.compile(pooler),
    'postgresql.cnpg.io/v1 ScheduledBackup': ajv.compile(scheduledBackup),
    'barmancloud.cnpg.io/v1 ObjectStore': ajv.compile(objectStore),
    'monitoring.coreos.com/v1 ServiceMonitor': ajv.compile(serviceMonitor),
    'monitoring.coreos.com/v1 PrometheusRule': ajv.compile(prometheusRule),
  };
}
