// Kubernetes objects as the tests read them, and what is found wrong with them.
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parseAllDocuments, parse } from 'yaml';

export const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** JSON of any shape: these descriptions are judged by the API's own schemas first, and looked into after that. */
export type Tree = any;

export interface KubeObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: {
    name: string;
    namespace?: string;
    labels?: Record<string, string>;
    annotations?: Record<string, string>;
  };
  readonly [field: string]: Tree;
}

export interface Finding {
  /** `Deployment/passbook`, or the name of a file. */
  readonly object: string;
  /** Where in it, with dots. */
  readonly path: string;
  readonly problem: string;
}

/** What is applied together, and what must be there for it but is made by other hands. */
export interface Rendered {
  readonly name: string;
  readonly objects: readonly KubeObject[];
  /** Of the templates: made by a person before the first apply. */
  readonly byHand: readonly KubeObject[];
}

export function nameOf({ kind, metadata }: KubeObject): string {
  return `${kind}/${metadata.name}`;
}

export function readText(path: string): string {
  return readFileSync(`${ROOT}${path}`, 'utf8');
}

export function readObjects(path: string): KubeObject[] {
  return parseAllDocuments(readText(path)).map((document) => {
    if (document.errors.length > 0) throw new Error(`${path}: ${document.errors[0]!.message}`);
    return document.toJS() as KubeObject;
  });
}

export function readYaml(path: string): Tree {
  return parse(readText(path));
}

export function ofKind(objects: readonly KubeObject[], ...kinds: readonly string[]): KubeObject[] {
  return objects.filter(({ kind }) => kinds.includes(kind));
}

/** Every text, number and truth value within, with the way to it. */
export function* leavesOf(tree: Tree, path: readonly string[] = []): Generator<{ path: string; value: unknown }> {
  if (typeof tree !== 'object' || tree === null) yield { path: path.join('.'), value: tree };
  else for (const [key, value] of Object.entries(tree)) yield* leavesOf(value, [...path, key]);
}
