// ConfigMaps made from files and literals, under a name that ends in a digest of what they hold.
import { createHash } from 'node:crypto';
import { basename, join } from 'node:path';
import { type KubeObject, readText, type Tree } from '../kube.js';

export interface ConfigMapGenerator {
  readonly name: string;
  readonly behavior?: 'merge';
  readonly envs?: readonly string[];
  readonly files?: readonly string[];
  readonly literals?: readonly string[];
}

/** A new one, or for `merge` the values added to the one of that name. */
export function generateConfigMap(generator: ConfigMapGenerator, folder: string, objects: KubeObject[]): void {
  const data: Record<string, string> = {};
  for (const path of generator.envs ?? []) Object.assign(data, linesOf(readText(join(folder, path)).split('\n')));
  Object.assign(data, linesOf(generator.literals ?? []));
  for (const path of generator.files ?? []) data[basename(path)] = readText(join(folder, path));
  if (generator.behavior === undefined) {
    objects.push({ apiVersion: 'v1', kind: 'ConfigMap', data, metadata: { name: generator.name } });
    return;
  }
  const known = objects.find(({ kind, metadata }) => kind === 'ConfigMap' && metadata.name === generator.name);
  if (known === undefined) throw new Error(`no ConfigMap ${generator.name} to merge with`);
  Object.assign(known['data'], data);
}

/** Gives each generated ConfigMap its whole name, and that to whoever refers to it. */
export function nameByContent(objects: readonly KubeObject[], generated: ReadonlySet<string>): void {
  const names = new Map<string, string>();
  for (const { kind, metadata, data } of objects) {
    if (kind !== 'ConfigMap' || !generated.has(metadata.name)) continue;
    const whole = `${metadata.name}-${digestOf(data)}`;
    names.set(metadata.name, whole);
    metadata.name = whole;
  }
  for (const object of objects) rename(object, names);
}

function rename(tree: Tree, names: ReadonlyMap<string, string>): void {
  if (typeof tree !== 'object' || tree === null) return;
  for (const [field, value] of Object.entries<Tree>(tree)) {
    const isReference = field === 'configMapRef' || field === 'configMapKeyRef' || field === 'configMap';
    if (isReference && names.has(value?.name)) value.name = names.get(value.name);
    else rename(value, names);
  }
}

function linesOf(lines: readonly string[]): Record<string, string> {
  const set = lines.filter((line) => line.trim() !== '' && !line.startsWith('#'));
  return Object.fromEntries(
    set.map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)] as const),
  );
}

/** The letters that take the place of digits and vowels, so that no word comes out. */
const LETTERS: Readonly<Record<string, string>> = { 0: 'g', 1: 'h', 3: 'k', a: 'm', e: 't' };

/** Kustomize's own: the start of SHA-256 over the JSON that Go writes, in which the name is left empty. */
function digestOf(data: Readonly<Record<string, string>>): string {
  const sorted = Object.fromEntries(Object.entries(data).sort(([a], [b]) => (a < b ? -1 : 1)));
  const json = JSON.stringify({ data: sorted, kind: 'ConfigMap', name: '' });
  const asGo = json.replace(/[<>&\u2028\u2029]/g, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`);
  const hex = createHash('sha256').update(asGo).digest('hex').slice(0, 10);
  return [...hex].map((letter) => LETTERS[letter] ?? letter).join('');
}
