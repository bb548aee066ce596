// What can be applied: each overlay and example, rendered, with what its templates say is made by hand.
import { render } from './kustomize/render.js';
import { type KubeObject, readObjects, type Rendered } from './kube.js';

const CNPG = 'k8s/examples/cloudnative-pg';
const FEEDS = 'k8s/overlays/production/feeds.template.yaml';

const FOLDERS: Readonly<Record<string, readonly string[]>> = {
  'k8s/overlays/dev': ['k8s/overlays/dev/secret.template.yaml', 'k8s/overlays/dev/feeds.template.yaml'],
  'k8s/overlays/production': [
    'k8s/overlays/production/secret.template.yaml',
    'k8s/overlays/production/authority.template.yaml',
    FEEDS,
  ],
  'k8s/examples/monitoring': [
    'k8s/overlays/production/secret.template.yaml',
    'k8s/overlays/production/authority.template.yaml',
    FEEDS,
  ],
  [CNPG]: [`${CNPG}/secret.template.yaml`, FEEDS],
  // Its template stands in for the Secret of the same name in the example below it.
  'k8s/examples/pgbouncer': ['k8s/examples/pgbouncer/secret.template.yaml', `${CNPG}/secret.template.yaml`, FEEDS],
};

export const RENDERINGS = Object.keys(FOLDERS);

const rendered = new Map<string, Rendered>();

/** A copy each time: whoever gets it may change it. */
export function renderingOf(folder: string): Rendered {
  const known = rendered.get(folder) ?? readRendering(folder);
  rendered.set(folder, known);
  return structuredClone(known);
}

function readRendering(folder: string): Rendered {
  const byHand = (FOLDERS[folder] ?? []).flatMap(readObjects);
  const first = byHand.filter((object, at) => byHand.findIndex((other) => isSame(other, object)) === at);
  return { name: folder, objects: render(folder), byHand: first };
}

function isSame(a: KubeObject, b: KubeObject): boolean {
  return a.kind === b.kind && a.metadata.name === b.metadata.name;
}
