// Labels that are asked for are labels that something has.
import { type Finding, nameOf, ofKind, type Rendered, type Tree } from '../kube.js';
import { workloadsOf } from '../pods.js';

type Labels = Readonly<Record<string, string>>;

export function checkSelectors(rendered: Rendered): Finding[] {
  const pods = podsOf(rendered);
  const selectsSomething = (object: string, path: string, selector: Tree): Finding[] =>
    pods.some((labels) => matches(selector, labels)) ? [] : [{ object, path, problem: 'selects no pod' }];
  return [
    ...ofKind(rendered.objects, 'Service').flatMap((service) =>
      selectsSomething(nameOf(service), 'spec.selector', { matchLabels: service['spec'].selector }),
    ),
    ...ofKind(rendered.objects, 'PodDisruptionBudget').flatMap((budget) =>
      selectsSomething(nameOf(budget), 'spec.selector', budget['spec'].selector),
    ),
    ...ofKind(rendered.objects, 'NetworkPolicy').flatMap((policy) => [
      ...selectsSomething(nameOf(policy), 'spec.podSelector', policy['spec'].podSelector),
      // Peers of another namespace are not ours to know.
      ...peersOf(policy['spec'])
        .filter(({ podSelector, namespaceSelector }) => podSelector !== undefined && namespaceSelector === undefined)
        .flatMap(({ podSelector }) => selectsSomething(nameOf(policy), 'spec.peers', podSelector)),
    ]),
    ...checkOwn(rendered),
  ];
}

/** What a workload says of its own pods. */
function checkOwn(rendered: Rendered): Finding[] {
  return workloadsOf(rendered).flatMap(({ object, labels, spec }) => {
    const own = object.kind === 'Job' ? [] : [{ path: 'spec.selector', selector: object['spec'].selector }];
    const spread = (spec.topologySpreadConstraints ?? []).map(({ labelSelector }: Tree) => ({
      path: 'spec.template.spec.topologySpreadConstraints',
      selector: labelSelector,
    }));
    return [...own, ...spread]
      .filter(({ selector }) => !matches(selector, labels))
      .map(({ path }) => ({ object: nameOf(object), path, problem: 'does not select its own pods' }));
  });
}

/** The labels of every pod: of the workloads, and of those that operators make. */
function podsOf(rendered: Rendered): Labels[] {
  return [
    ...workloadsOf(rendered).map(({ labels }) => labels),
    ...ofKind(rendered.objects, 'Cluster').map(({ metadata }) => ({ 'cnpg.io/cluster': metadata.name })),
    ...ofKind(rendered.objects, 'Pooler').map(({ metadata }) => ({ 'cnpg.io/poolerName': metadata.name })),
  ];
}

export function peersOf(spec: Tree): Tree[] {
  return [...(spec.ingress ?? []), ...(spec.egress ?? [])].flatMap(({ from, to }: Tree) => from ?? to ?? []);
}

export function matches(selector: Tree, labels: Labels): boolean {
  const all = Object.entries(selector?.matchLabels ?? {}).every(([key, value]) => labels[key] === value);
  return (
    all &&
    (selector?.matchExpressions ?? []).every(
      ({ key, operator, values }: Tree) => operator === 'In' && values.includes(labels[key]),
    )
  );
}
