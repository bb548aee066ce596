// What runs: the workloads of a rendering, their pods, containers and environment.
import { type KubeObject, nameOf, ofKind, type Rendered, type Tree } from './kube.js';

export interface Workload {
  readonly object: KubeObject;
  readonly labels: Readonly<Record<string, string>>;
  /** Of its pods. */
  readonly spec: Tree;
}

export interface Container {
  readonly workload: Workload;
  readonly container: Tree;
  /** Where it stands, for findings. */
  readonly at: { readonly object: string; readonly path: string };
}

const TEMPLATE = 'spec.template.spec';

export function workloadsOf({ objects }: Rendered): Workload[] {
  return ofKind(objects, 'Deployment', 'StatefulSet', 'Job').map((object) => {
    const { metadata, spec } = object['spec'].template;
    return { object, labels: metadata?.labels ?? {}, spec };
  });
}

export function containersOf(rendered: Rendered): Container[] {
  return workloadsOf(rendered).flatMap((workload) =>
    ['initContainers', 'containers'].flatMap((list) =>
      (workload.spec[list] ?? []).map((container: Tree) => ({
        workload,
        container,
        at: { object: nameOf(workload.object), path: `${TEMPLATE}.${list}.${container.name}` },
      })),
    ),
  );
}

/** Those that run Passbook itself, and not its database. */
export function passbooksOf(rendered: Rendered): Container[] {
  return containersOf(rendered).filter(({ container }) => container.command?.[0] === 'node');
}

/** Whether it is what changes the schema. */
export function migrates({ container }: Container): boolean {
  return container.command.includes('dist/src/migrate.js') && container.command.includes('up');
}

/** The ones that operators make for the objects of theirs that they find, as far as others refer to them. */
export function byOperators({ objects }: Rendered): KubeObject[] {
  return objects.flatMap((object) => {
    const { kind, metadata } = object;
    const made = (what: string, name: string, rest: object): KubeObject => ({
      apiVersion: 'v1',
      kind: what,
      metadata: { name, namespace: metadata.namespace },
      ...rest,
    });
    const postgres = { spec: { ports: [{ port: 5432 }] } };
    if (kind === 'Cluster') {
      const services = ['rw', 'ro', 'r'].map((which) => made('Service', `${metadata.name}-${which}`, postgres));
      return [...services, made('Secret', `${metadata.name}-ca`, { data: { 'ca.crt': '', 'ca.key': '' } })];
    }
    if (kind === 'Pooler') return [made('Service', metadata.name, postgres)];
    if (kind === 'Ingress' && metadata.annotations?.['cert-manager.io/cluster-issuer'] !== undefined)
      return (object['spec'].tls ?? []).map((tls: Tree) => made('Secret', tls.secretName, { data: {} }));
    return [];
  });
}

/** Everything that a name may mean. */
export function everything(rendered: Rendered): KubeObject[] {
  return [...rendered.objects, ...rendered.byHand, ...byOperators(rendered)];
}

/** The keys of a ConfigMap or Secret, however they are written. */
export function keysOf(object: KubeObject): string[] {
  return Object.keys({ ...object['data'], ...object['stringData'] });
}

/** What the container's process is given; what is not known is left out, and found by the check of names. */
export function environmentOf({ container }: Container, rendered: Rendered): Record<string, string> {
  const all = everything(rendered);
  const data = (kind: string, name: string): Record<string, string> => {
    const found = all.find((object) => object.kind === kind && object.metadata.name === name);
    return { ...found?.['data'], ...found?.['stringData'] };
  };
  const variables: Record<string, string> = {};
  for (const { configMapRef, secretRef } of container.envFrom ?? [])
    Object.assign(
      variables,
      configMapRef === undefined ? data('Secret', secretRef.name) : data('ConfigMap', configMapRef.name),
    );
  for (const { name, value, valueFrom } of container.env ?? []) {
    const { secretKeyRef: secret, configMapKeyRef: config } = valueFrom ?? {};
    const given =
      secret !== undefined
        ? data('Secret', secret.name)[secret.key]
        : config !== undefined
          ? data('ConfigMap', config.name)[config.key]
          : String(value);
    if (given !== undefined) variables[name] = given;
  }
  return variables;
}
