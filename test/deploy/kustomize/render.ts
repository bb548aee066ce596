// Kustomize, as far as k8s/ uses it: what `kubectl kustomize <folder>` prints, as objects. Whatever else stands in a
// kustomization is refused, so that nothing is taken for rendered that is not.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { type KubeObject, nameOf, readObjects, readText, readYaml, ROOT, type Tree } from '../kube.js';
import { type ConfigMapGenerator, generateConfigMap, nameByContent } from './config-maps.js';
import { applyJsonPatch } from './json-patch.js';
import { replace, type Replacement } from './replacements.js';
import { mergeStrategically } from './strategic-merge.js';
import { parse } from 'yaml';

interface Kustomization {
  readonly apiVersion: 'kustomize.config.k8s.io/v1beta1' | 'kustomize.config.k8s.io/v1alpha1';
  readonly kind: 'Kustomization' | 'Component';
  readonly namespace?: string;
  readonly resources?: readonly string[];
  readonly components?: readonly string[];
  readonly configMapGenerator?: readonly ConfigMapGenerator[];
  readonly images?: readonly { readonly name: string; readonly newName: string; readonly newTag: string }[];
  readonly patches?: readonly Patch[];
  readonly replacements?: readonly Replacement[];
}

interface Patch {
  readonly path?: string;
  readonly patch?: string;
  readonly target?: { readonly kind: string; readonly name?: string };
}

const FIELDS = new Set([
  'apiVersion',
  'kind',
  'namespace',
  'resources',
  'components',
  'configMapGenerator',
  'images',
  'patches',
  'replacements',
]);
const WITHOUT_NAMESPACE = new Set(['Namespace']);

/** @param folder relative to the root of the checkout */
export function render(folder: string): KubeObject[] {
  const generated = new Set<string>();
  const objects = accumulate(folder, generated, []);
  nameByContent(objects, generated);
  return objects;
}

/** @param given what a component is added to, and changes */
function accumulate(folder: string, generated: Set<string>, given: readonly KubeObject[]): KubeObject[] {
  const path = join(folder, 'kustomization.yaml');
  const kustomization = readYaml(path) as Kustomization;
  const unknown = Object.keys(kustomization).filter((field) => !FIELDS.has(field));
  if (unknown.length > 0) throw new Error(`${path}: ${unknown.join(', ')} is not rendered here`);
  const added = (kustomization.resources ?? []).flatMap((resource) => {
    const inner = join(folder, resource);
    if (!existsSync(`${ROOT}${inner}`)) throw new Error(`${path}: there is no ${resource}`);
    return resource.endsWith('.yaml') ? readObjects(inner) : accumulate(inner, generated, []);
  });
  let objects = [...given, ...added];
  for (const generator of kustomization.configMapGenerator ?? []) {
    generated.add(generator.name);
    generateConfigMap(generator, folder, objects);
  }
  for (const component of kustomization.components ?? [])
    objects = accumulate(join(folder, component), generated, objects);
  for (const patch of kustomization.patches ?? []) applyPatch(patch, folder, objects);
  if (kustomization.namespace !== undefined) moveTo(kustomization.namespace, objects);
  for (const image of kustomization.images ?? []) setImage(image, objects);
  for (const replacement of kustomization.replacements ?? []) replace(replacement, objects);
  refuseDoubles(objects, path);
  return objects;
}

function applyPatch({ path, patch, target }: Patch, folder: string, objects: KubeObject[]): void {
  const change: Tree = parse(path === undefined ? (patch ?? '') : readText(join(folder, path)));
  const { kind, name } = target ?? { kind: change.kind, name: change.metadata.name };
  // A target's name is a pattern for the whole of it.
  const pattern = target?.name === undefined ? undefined : new RegExp(`^(?:${target.name})$`);
  const isMeant = ({ metadata }: KubeObject): boolean =>
    pattern === undefined ? name === undefined || metadata.name === name : pattern.test(metadata.name);
  const chosen = objects.filter((object) => object.kind === kind && isMeant(object));
  if (chosen.length === 0) throw new Error(`${folder}: a patch finds no ${kind} ${name ?? ''}`);
  for (const object of chosen) {
    if (Array.isArray(change)) applyJsonPatch(object, change);
    else Object.assign(object, mergeStrategically(object, { ...change, metadata: namedAs(object, change.metadata) }));
  }
}

/** A patch changes no name: where it has a target, its own name says nothing. */
function namedAs({ metadata }: KubeObject, changed: Tree): Tree {
  return { ...changed, name: metadata.name };
}

function moveTo(namespace: string, objects: readonly KubeObject[]): void {
  for (const { kind, metadata } of objects) {
    if (WITHOUT_NAMESPACE.has(kind)) metadata.name = namespace;
    else metadata.namespace = namespace;
  }
}

function setImage({ name, newName, newTag }: NonNullable<Kustomization['images']>[number], tree: Tree): void {
  if (typeof tree !== 'object' || tree === null) return;
  for (const [field, value] of Object.entries<Tree>(tree)) {
    if (field === 'image' && value === name) tree[field] = `${newName}:${newTag}`;
    else setImage({ name, newName, newTag }, value);
  }
}

function refuseDoubles(objects: readonly KubeObject[], path: string): void {
  const names = objects.map(nameOf);
  const double = names.find((name, at) => names.indexOf(name) !== at);
  if (double !== undefined) throw new Error(`${path}: ${double} stands there twice`);
}
