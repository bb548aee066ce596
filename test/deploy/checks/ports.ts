// Ports, from the setting to the outside: process, container, Service, Ingress, policies.
import { type Finding, type KubeObject, nameOf, ofKind, type Rendered, type Tree } from '../kube.js';
import { byOperators, containersOf, environmentOf, type Workload, workloadsOf } from '../pods.js';
import { pathsOf } from './names.js';
import { matches } from './selectors.js';

export function checkPorts(rendered: Rendered): Finding[] {
  return [...checkProcess(rendered), ...checkServices(rendered), ...checkIngress(rendered), ...checkPolicies(rendered)];
}

/** The server listens on the port that its container names. */
function checkProcess(rendered: Rendered): Finding[] {
  return containersOf(rendered).flatMap((one) => {
    const { container, at } = one;
    const { PORT: port } = environmentOf(one, rendered);
    const named: Tree[] = container.ports ?? [];
    const isServer = container.command?.includes('dist/src/main.js') === true;
    if (!isServer || named.some(({ containerPort }) => String(containerPort) === port)) return [];
    return [{ ...at, path: `${at.path}.ports`, problem: `PORT is ${port}` }];
  });
}

function checkServices(rendered: Rendered): Finding[] {
  return ofKind(rendered.objects, 'Service').flatMap((service) => {
    const behind = selectedBy({ matchLabels: service['spec'].selector }, rendered);
    return service['spec'].ports
      .filter(({ targetPort, port }: Tree) => !behind.some((pod) => hasPort(pod, targetPort ?? port)))
      .map(({ targetPort }: Tree) => ({
        object: nameOf(service),
        path: 'spec.ports',
        problem: `no container that it selects has the port ${targetPort}`,
      }));
  });
}

function checkIngress(rendered: Rendered): Finding[] {
  return ofKind(rendered.objects, 'Ingress').flatMap((ingress) =>
    pathsOf(ingress).flatMap(({ path, backend }) => {
      const service = [...rendered.objects, ...byOperators(rendered)].find(
        ({ kind, metadata }) => kind === 'Service' && metadata.name === backend.service.name,
      );
      const { name, number } = backend.service.port;
      const isThere = service?.['spec'].ports.some((port: Tree) => port.name === name || port.port === number);
      const problem = `Service ${backend.service.name} has no port ${name ?? number}`;
      return isThere === false ? [{ object: nameOf(ingress), path: `spec.rules.${path}`, problem }] : [];
    }),
  );
}

/** A port that a policy opens is one that somebody on that side has. */
function checkPolicies(rendered: Rendered): Finding[] {
  return ofKind(rendered.objects, 'NetworkPolicy').flatMap((policy) => {
    const inward = (policy['spec'].ingress ?? []).map(({ ports }: Tree) => ({
      ports,
      pods: selectedBy(policy['spec'].podSelector, rendered),
    }));
    const outward = (policy['spec'].egress ?? []).flatMap(({ ports, to }: Tree) =>
      (to ?? [])
        .filter(
          ({ podSelector, namespaceSelector }: Tree) => podSelector !== undefined && namespaceSelector === undefined,
        )
        .map(({ podSelector }: Tree) => ({ ports, pods: selectedBy(podSelector, rendered) })),
    );
    return [...inward, ...outward].flatMap(({ ports, pods }) =>
      pods.length === 0
        ? []
        : (ports ?? [])
            .filter(({ port }: Tree) => !pods.some((pod: Workload) => hasPort(pod, port)))
            .map(({ port }: Tree) => ({
              object: nameOf(policy),
              path: 'spec',
              problem: `nobody there has port ${port}`,
            })),
    );
  });
}

/** Of the workloads that are described here: what operators make has the ports that they give it. */
function selectedBy(selector: Tree, rendered: Rendered): Workload[] {
  return workloadsOf(rendered).filter(({ labels }) => matches(selector, labels));
}

export function hasPort({ spec }: Workload, port: string | number): boolean {
  return spec.containers.some(({ ports }: { ports?: Tree[] }) =>
    (ports ?? []).some(({ name, containerPort }) => name === port || containerPort === port),
  );
}

/** The Service whose name a URL has for its host. */
export function serviceNamed(host: string, rendered: Rendered): KubeObject | undefined {
  return [...rendered.objects, ...byOperators(rendered)].find(
    ({ kind, metadata }) => kind === 'Service' && metadata.name === host,
  );
}
