// Everything is shut, and exactly what must pass is open: names, the way in, and the way to the database.
import { type Finding, nameOf, ofKind, type Rendered, type Tree } from '../kube.js';
import { environmentOf, passbooksOf, workloadsOf } from '../pods.js';
import { hostOf } from '../settings.js';
import { serviceNamed } from './ports.js';
import { matches } from './selectors.js';

type Labels = Readonly<Record<string, string>>;
type Way = 'Ingress' | 'Egress';

export function checkNetwork(rendered: Rendered): Finding[] {
  const policies = ofKind(rendered.objects, 'NetworkPolicy').map(({ spec }) => spec);
  return workloadsOf(rendered).flatMap(({ object, labels }) => {
    const shut = (['Ingress', 'Egress'] as const).filter(
      (way) => !policies.some((spec) => isForAll(spec) && spec.policyTypes.includes(way) && isEmpty(spec, way)),
    );
    const finding = (problem: string): Finding => ({ object: nameOf(object), path: 'NetworkPolicy', problem });
    return [
      ...shut.map((way) => finding(`${way} is open to all`)),
      ...(opens(policies, labels, 53) ? [] : [finding('may ask no name server')]),
    ];
  });
}

/** Whoever has the database's URL may go there, and the database lets it in. */
export function checkWayToDatabase(rendered: Rendered): Finding[] {
  const policies = ofKind(rendered.objects, 'NetworkPolicy').map(({ spec }) => spec);
  const urls = passbooksOf(rendered).flatMap((one) => {
    const { DATABASE_URL: url, DATABASE_DIRECT_URL: direct } = environmentOf(one, rendered);
    return [url, direct].filter((each) => each !== undefined).map((each) => ({ one, url: each }));
  });
  return urls.flatMap(({ one, url }) => {
    const { labels } = one.workload;
    const there = podsBehind(hostOf(url), rendered);
    const finding = (problem: string): Finding => ({ object: one.at.object, path: 'NetworkPolicy', problem });
    const mayGo = policies.some(
      (spec) =>
        matches(spec.podSelector, labels) &&
        (spec.egress ?? []).some(
          ({ to, ports }: Tree) =>
            portsHold(ports, [5432, 'postgres']) && (to ?? []).some((peer: Tree) => leadsTo(peer, there)),
        ),
    );
    const isLetIn =
      there === undefined ||
      policies.some(
        (spec) =>
          matches(spec.podSelector, there) &&
          (spec.ingress ?? []).some(
            ({ from, ports }: Tree) =>
              portsHold(ports, [5432, 'postgres']) &&
              (from ?? []).some(({ podSelector }: Tree) => podSelector !== undefined && matches(podSelector, labels)),
          ),
      );
    return [
      ...(mayGo ? [] : [finding('may not go to the database')]),
      ...(isLetIn ? [] : [finding('is not let in by the database')]),
    ];
  });
}

/** The labels of the pods behind that name; undefined for a database elsewhere. */
function podsBehind(host: string, rendered: Rendered): Labels | undefined {
  const service = serviceNamed(host, rendered);
  if (service === undefined) return undefined;
  if (service['spec'].selector !== undefined) return service['spec'].selector;
  const pooler = ofKind(rendered.objects, 'Pooler').find(({ metadata }) => metadata.name === host);
  return pooler === undefined
    ? { 'cnpg.io/cluster': host.replace(/-(rw|ro|r)$/, '') }
    : { 'cnpg.io/poolerName': pooler.metadata.name };
}

function leadsTo({ podSelector, ipBlock }: Tree, there: Labels | undefined): boolean {
  return there === undefined ? ipBlock !== undefined : podSelector !== undefined && matches(podSelector, there);
}

function isForAll({ podSelector }: Tree): boolean {
  return Object.keys(podSelector).length === 0;
}

function isEmpty(spec: Tree, way: Way): boolean {
  return (spec[way.toLowerCase()] ?? []).length === 0;
}

function opens(policies: readonly Tree[], labels: Labels, port: number): boolean {
  return policies.some(
    (spec) =>
      matches(spec.podSelector, labels) && (spec.egress ?? []).some(({ ports }: Tree) => portsHold(ports, [port])),
  );
}

function portsHold(ports: Tree, wanted: readonly (string | number)[]): boolean {
  return (ports ?? []).some(({ port }: Tree) => wanted.includes(port));
}
