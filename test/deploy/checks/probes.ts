// Probes ask for what the server really serves, and give it the time that it takes.
import { type Finding, type Rendered, type Tree } from '../kube.js';
import { OPERATIONS } from '../../support/document.js';
import { containersOf, environmentOf } from '../pods.js';

/** What each probe is for, as a path. */
const PATHS: Readonly<Record<string, string>> = {
  startupProbe: '/livez',
  livenessProbe: '/livez',
  readinessProbe: '/readyz',
};

export function checkProbes(rendered: Rendered): Finding[] {
  return containersOf(rendered).flatMap((one) => {
    const { container, at } = one;
    if (container.command?.includes('dist/src/main.js') !== true) return [];
    const readyMs = Number(environmentOf(one, rendered)['READY_CHECK_TIMEOUT_MS']);
    return Object.entries(PATHS).flatMap(([field, wanted]) => {
      const finding = (problem: string): Finding => ({ ...at, path: `${at.path}.${field}`, problem });
      const probe: Tree = container[field];
      const asked = probe?.httpGet;
      if (asked === undefined) return [finding('is missing')];
      const ports = (container.ports ?? []).map(({ name }: Tree) => name);
      return [
        ...(isServed(asked.path) ? [] : [finding(`${asked.path} is not served`)]),
        ...(asked.path === wanted ? [] : [finding(`is ${wanted}, not ${asked.path}`)]),
        ...(ports.includes(asked.port) ? [] : [finding(`the container has no port ${asked.port}`)]),
        ...(probe.timeoutSeconds <= probe.periodSeconds ? [] : [finding('its timeout is longer than its period')]),
        ...(field !== 'readinessProbe' || probe.timeoutSeconds * 1_000 > readyMs
          ? []
          : [finding('it gives up before READY_CHECK_TIMEOUT_MS, in which the server says what is wrong')]),
      ];
    });
  });
}

/** Without a key. */
export function isServed(path: string): boolean {
  return OPERATIONS.some((operation) => operation.method === 'GET' && operation.path === path && !operation.isGuarded);
}
