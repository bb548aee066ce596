// `replacements`: a value that stands in one object, or a part of it, put into others.
import { type KubeObject, type Tree } from '../kube.js';

interface Place {
  readonly kind: string;
  readonly name: string;
}

interface Part {
  readonly delimiter: string;
  readonly index: number;
}

export interface Replacement {
  readonly source: Place & { readonly fieldPath: string; readonly options?: Part };
  readonly targets: readonly {
    readonly select: Place;
    readonly fieldPaths: readonly string[];
    readonly options?: Part;
  }[];
}

/** @throws Error where source or target is not there */
export function replace(replacement: Replacement, objects: readonly KubeObject[]): void {
  const { source, targets } = replacement;
  const whole = String(at(find(source, objects), source.fieldPath.split('.')));
  const value = source.options === undefined ? whole : whole.split(source.options.delimiter)[source.options.index];
  if (value === undefined) throw new Error(`${source.fieldPath} has no such part: ${whole}`);
  for (const { select, fieldPaths, options } of targets) {
    const target = find(select, objects);
    for (const path of fieldPaths) {
      const steps = path.split('.');
      const last = steps.pop()!;
      const parent = at(target, steps);
      parent[last] = options === undefined ? value : withPart(String(parent[last]), options, value);
    }
  }
}

function withPart(text: string, { delimiter, index }: Part, value: string): string {
  return text
    .split(delimiter)
    .map((part, position) => (position === index ? value : part))
    .join(delimiter);
}

function find({ kind, name }: Place, objects: readonly KubeObject[]): KubeObject {
  const found = objects.find((object) => object.kind === kind && object.metadata.name === name);
  if (found === undefined) throw new Error(`no ${kind} ${name}`);
  return found;
}

/** `[name=server]` is the item of that name. */
function at(tree: Tree, steps: readonly string[]): Tree {
  return steps.reduce((inner, step) => {
    const [, key, value] = /^\[(\w+)=(.+)\]$/.exec(step) ?? [];
    return key === undefined ? inner[step] : inner.find((item: Tree) => item[key] === value);
  }, tree);
}
