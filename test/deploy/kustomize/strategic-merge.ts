// Patches as Kustomize applies them to the API's own types: maps are merged, and of the lists those whose items have a name of their own.
import { type Tree } from '../kube.js';

/** By what the items of a list are told apart; a list that is not named here is replaced. */
const ITEM_KEYS: Readonly<Record<string, string>> = {
  containers: 'name',
  initContainers: 'name',
  env: 'name',
  volumes: 'name',
  volumeMounts: 'mountPath',
  // Of a container; those of a Service are told apart otherwise.
  ports: 'containerPort',
};

/** `null` takes away. */
export function mergeStrategically(target: Tree, patch: Tree): Tree {
  if (!isMap(target) || !isMap(patch)) return patch;
  const merged: Record<string, Tree> = { ...target };
  for (const [field, value] of Object.entries(patch)) {
    if (value === null) delete merged[field];
    else if (Array.isArray(value) && Array.isArray(merged[field]))
      merged[field] = mergeLists(merged[field], value, ITEM_KEYS[field]);
    else merged[field] = isMap(value) ? mergeStrategically(merged[field] ?? {}, value) : value;
  }
  return merged;
}

/** Those of the patch come first, as in Kustomize. */
function mergeLists(target: readonly Tree[], patch: readonly Tree[], key: string | undefined): Tree[] {
  if (key === undefined) return [...patch];
  const nameless = [...target, ...patch].find((item) => item[key] === undefined);
  if (nameless !== undefined)
    throw new Error(`a patch of a list is not rendered here: no ${key} in ${JSON.stringify(nameless)}`);
  const find = (items: readonly Tree[], wanted: Tree): Tree => items.find((item) => item[key] === wanted[key]);
  return [
    ...patch.map((item) => mergeStrategically(find(target, item) ?? {}, item)),
    ...target.filter((item) => find(patch, item) === undefined),
  ];
}

function isMap(tree: Tree): tree is Record<string, Tree> {
  return typeof tree === 'object' && tree !== null && !Array.isArray(tree);
}
