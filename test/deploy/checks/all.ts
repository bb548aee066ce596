// Every check of what is rendered for Kubernetes, by name.
import { checkSchemas } from '../api-schemas.js';
import { type Finding, type Rendered } from '../kube.js';
import { checkConnections } from './connections.js';
import { checkEnvironment, checkRoles } from './environment.js';
import { checkImages } from './images.js';
import { checkJobs, checkWaiting } from './jobs.js';
import { checkMonitoring } from './monitoring.js';
import { checkMounts, checkNames, checkNamespace } from './names.js';
import { checkNetwork, checkWayToDatabase } from './network.js';
import { checkPorts } from './ports.js';
import { checkProbes } from './probes.js';
import { checkDisruption, checkEnding, checkRollout } from './rollout.js';
import { checkPodSecurity, checkSecrets } from './security.js';
import { checkSelectors } from './selectors.js';

export const CHECKS = {
  schemas: ({ objects, byHand }: Rendered): Finding[] => checkSchemas([...objects, ...byHand]),
  names: checkNames,
  mounts: checkMounts,
  namespace: checkNamespace,
  selectors: checkSelectors,
  ports: checkPorts,
  probes: checkProbes,
  environment: checkEnvironment,
  roles: checkRoles,
  images: checkImages,
  connections: checkConnections,
  rollout: checkRollout,
  ending: checkEnding,
  disruption: checkDisruption,
  jobs: checkJobs,
  waiting: checkWaiting,
  network: checkNetwork,
  'way to the database': checkWayToDatabase,
  'pod security': checkPodSecurity,
  secrets: checkSecrets,
  monitoring: checkMonitoring,
} satisfies Record<string, (rendered: Rendered) => Finding[]>;

export type CheckName = keyof typeof CHECKS;

/** Findings as lines. */
export function linesOf(findings: readonly Finding[]): string[] {
  return findings.map(({ object, path, problem }) => `${object} ${path}: ${problem}`);
}
