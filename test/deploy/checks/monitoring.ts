// What is scraped is what the server serves, the scraper gets there, and nobody is told anything else than ops/alerts.yaml says.
import { isDeepStrictEqual } from 'node:util';
import { METRICS_PATH } from '../../../src/metrics/metrics.route.js';
import { type Finding, nameOf, ofKind, readYaml, type Rendered, type Tree } from '../kube.js';
import { environmentOf, passbooksOf, workloadsOf } from '../pods.js';
import { matches } from './selectors.js';

export function checkMonitoring(rendered: Rendered): Finding[] {
  return [...checkPort(rendered), ...checkScrapes(rendered), ...checkRules(rendered)];
}

/** The port of the metrics, which asks for no key, is one that the container names so; and the other way round. */
function checkPort(rendered: Rendered): Finding[] {
  return passbooksOf(rendered).flatMap((one) => {
    if (!one.container.command.includes('dist/src/main.js')) return [];
    const { METRICS_PORT: port } = environmentOf(one, rendered);
    const named = (one.container.ports ?? []).find(({ name }: Tree) => name === 'metrics')?.containerPort;
    const path = `${one.at.path}.ports`;
    return String(port) === String(named)
      ? []
      : [{ ...one.at, path, problem: `METRICS_PORT is ${port}, not ${named}` }];
  });
}

function checkScrapes(rendered: Rendered): Finding[] {
  const services = ofKind(rendered.objects, 'Service');
  const policies = ofKind(rendered.objects, 'NetworkPolicy').map(({ spec }) => spec);
  return ofKind(rendered.objects, 'ServiceMonitor').flatMap((monitor) => {
    const { selector, endpoints } = monitor['spec'];
    const finding = (path: string, problem: string): Finding => ({ object: nameOf(monitor), path, problem });
    const service = services.find(({ metadata }) => matches(selector, metadata.labels ?? {}));
    if (service === undefined) return [finding('spec.selector', 'selects no Service')];
    return endpoints.flatMap(({ port, path, interval, scrapeTimeout }: Tree) => {
      const target = service['spec'].ports.find(({ name }: Tree) => name === port)?.targetPort;
      const behind = workloadsOf(rendered).filter(({ labels }) =>
        matches({ matchLabels: service['spec'].selector }, labels),
      );
      const isLetIn = behind.every(({ labels }) => policies.some((spec) => letsScraperIn(spec, labels, target)));
      return [
        ...(target === undefined
          ? [finding('spec.endpoints.port', `Service ${service.metadata.name} has no port ${port}`)]
          : []),
        ...(target === undefined || isLetIn ? [] : [finding('NetworkPolicy', 'nobody is let in to scrape')]),
        ...(path === METRICS_PATH ? [] : [finding('spec.endpoints.path', `is not ${METRICS_PATH}`)]),
        ...(Number.parseInt(scrapeTimeout, 10) < Number.parseInt(interval, 10)
          ? []
          : [finding('spec.endpoints.scrapeTimeout', 'is no less than the interval')]),
      ];
    });
  });
}

/** From another namespace: within this one nobody scrapes. */
function letsScraperIn(spec: Tree, labels: Readonly<Record<string, string>>, port: string): boolean {
  return (
    matches(spec.podSelector, labels) &&
    (spec.ingress ?? []).some(
      ({ from, ports }: Tree) =>
        (from ?? []).some((peer: Tree) => peer.namespaceSelector !== undefined && peer.podSelector !== undefined) &&
        (ports ?? []).some((open: Tree) => open.port === port),
    )
  );
}

function checkRules({ objects }: Rendered): Finding[] {
  const { groups } = readYaml('ops/alerts.yaml');
  return ofKind(objects, 'PrometheusRule')
    .filter(({ spec }) => !isDeepStrictEqual(spec.groups, groups))
    .map((rule) => ({ object: nameOf(rule), path: 'spec.groups', problem: 'are not the rules of ops/alerts.yaml' }));
}
