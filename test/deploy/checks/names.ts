// Every name that one object calls another by is the name of one.
import { type Finding, type KubeObject, nameOf, ofKind, type Rendered, type Tree } from '../kube.js';
import { containersOf, everything, keysOf, workloadsOf } from '../pods.js';

interface Reference {
  readonly object: string;
  readonly path: string;
  readonly kind: string;
  readonly name: string | undefined;
  /** Of a ConfigMap or a Secret. */
  readonly key?: string;
}

export function checkNames(rendered: Rendered): Finding[] {
  const all = everything(rendered);
  const references = [...ofContainers(rendered), ...ofPods(rendered), ...ofObjects(rendered.objects)];
  return references.flatMap(({ object, path, kind, name, key }) => {
    const found = all.find((other) => other.kind === kind && other.metadata.name === name);
    if (found === undefined) return [{ object, path, problem: `there is no ${kind} ${name}` }];
    if (key === undefined || keysOf(found).includes(key)) return [];
    return [{ object, path, problem: `${kind} ${name} has no key ${key}` }];
  });
}

function ofContainers(rendered: Rendered): Reference[] {
  return containersOf(rendered).flatMap(({ container, at }) => {
    const whole = (container.envFrom ?? []).flatMap(({ configMapRef, secretRef }: Tree) => [
      ...(configMapRef === undefined ? [] : [{ kind: 'ConfigMap', name: configMapRef.name }]),
      ...(secretRef === undefined ? [] : [{ kind: 'Secret', name: secretRef.name }]),
    ]);
    const keys = (container.env ?? []).flatMap(({ valueFrom }: Tree) => [
      ...(valueFrom?.configMapKeyRef === undefined ? [] : [{ kind: 'ConfigMap', ...valueFrom.configMapKeyRef }]),
      ...(valueFrom?.secretKeyRef === undefined ? [] : [{ kind: 'Secret', ...valueFrom.secretKeyRef }]),
    ]);
    return [...whole, ...keys].map((reference) => ({ ...at, path: `${at.path}.env`, ...reference }));
  });
}

function ofPods(rendered: Rendered): Reference[] {
  return workloadsOf(rendered).flatMap(({ object, spec }) => {
    const at = { object: nameOf(object) };
    const volumes = (spec.volumes ?? []).flatMap((volume: Tree) => {
      const path = `spec.template.spec.volumes.${volume.name}`;
      const source = volume.configMap ?? volume.secret;
      if (source === undefined) return [];
      const kind = volume.configMap === undefined ? 'Secret' : 'ConfigMap';
      const name = source.name ?? source.secretName;
      const keys = (source.items ?? []).map(({ key }: Tree) => ({ ...at, path, kind, name, key }));
      return [{ ...at, path, kind, name }, ...keys];
    });
    const account = { ...at, path: 'spec.template.spec.serviceAccountName', kind: 'ServiceAccount' };
    return [...volumes, { ...account, name: spec.serviceAccountName }];
  });
}

function ofObjects(objects: readonly KubeObject[]): Reference[] {
  return objects.flatMap((object) => {
    const { spec } = object;
    const to = (path: string, kind: string, name: string | undefined, key?: string): Reference => ({
      object: nameOf(object),
      path,
      kind,
      name,
      key,
    });
    switch (object.kind) {
      case 'StatefulSet':
        return [to('spec.serviceName', 'Service', spec.serviceName)];
      case 'HorizontalPodAutoscaler':
        return [to('spec.scaleTargetRef', spec.scaleTargetRef.kind, spec.scaleTargetRef.name)];
      case 'Ingress':
        return [
          ...pathsOf(object).map(({ backend }) => to('spec.rules', 'Service', backend.service.name)),
          ...(spec.tls ?? []).map((tls: Tree) => to('spec.tls', 'Secret', tls.secretName)),
        ];
      case 'Cluster':
        return [
          to('spec.bootstrap.initdb.secret', 'Secret', spec.bootstrap.initdb.secret.name, 'password'),
          ...(spec.managed?.roles ?? []).map((role: Tree) =>
            to('spec.managed.roles', 'Secret', role.passwordSecret.name, 'password'),
          ),
          ...(spec.plugins ?? []).map((plugin: Tree) =>
            to('spec.plugins', 'ObjectStore', plugin.parameters.barmanObjectName),
          ),
        ];
      case 'Pooler':
      case 'ScheduledBackup':
        return [to('spec.cluster', 'Cluster', spec.cluster.name)];
      case 'ObjectStore':
        return Object.entries<Tree>(spec.configuration.s3Credentials).map(([field, { name, key }]) =>
          to(`spec.configuration.s3Credentials.${field}`, 'Secret', name, key),
        );
      default:
        return [];
    }
  });
}

/** What of a container's files is mounted exists as a volume. */
export function checkMounts(rendered: Rendered): Finding[] {
  return containersOf(rendered).flatMap(({ container, workload, at }) => {
    const claims = workload.object['spec'].volumeClaimTemplates ?? [];
    const volumes = [
      ...(workload.spec.volumes ?? []).map(({ name }: Tree) => name),
      ...claims.map(({ metadata }: Tree) => metadata.name),
    ];
    return (container.volumeMounts ?? [])
      .filter(({ name }: Tree) => !volumes.includes(name))
      .map(({ name }: Tree) => ({ ...at, path: `${at.path}.volumeMounts`, problem: `there is no volume ${name}` }));
  });
}

/** One namespace, which is there. */
export function checkNamespace({ objects, byHand }: Rendered): Finding[] {
  const namespaces = ofKind(objects, 'Namespace').map(({ metadata }) => metadata.name);
  return [...objects, ...byHand].flatMap((object) => {
    const { namespace } = object.metadata;
    if (object.kind === 'Namespace' || (namespace !== undefined && namespaces.includes(namespace))) return [];
    return [{ object: nameOf(object), path: 'metadata.namespace', problem: `is not ${namespaces.join(', ')}` }];
  });
}

export function pathsOf(ingress: KubeObject): Tree[] {
  return (ingress['spec'].rules ?? []).flatMap(({ http }: Tree) => http.paths);
}
