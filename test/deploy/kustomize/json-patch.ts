// RFC 6902, as far as the overlays use it.
import { type Tree } from '../kube.js';

interface Operation {
  readonly op: string;
  readonly path: string;
  readonly value?: Tree;
}

/** Changes the target. @throws Error where the path leads nowhere: a patch that does nothing is a mistake */
export function applyJsonPatch(target: Tree, operations: readonly Operation[]): void {
  for (const { op, path, value } of operations) {
    const steps = path
      .split('/')
      .slice(1)
      .map((step) => step.replaceAll('~1', '/').replaceAll('~0', '~'));
    const last = steps.pop() ?? '';
    const parent = steps.reduce((tree, step) => tree?.[step], target);
    const isThere = parent?.[last] !== undefined;
    if (parent === undefined || (op !== 'add' && !isThere)) throw new Error(`nothing stands at ${path}`);
    if (op === 'replace' || (op === 'add' && !Array.isArray(parent))) parent[last] = value;
    else if (op === 'add') parent.splice(last === '-' ? parent.length : Number(last), 0, value);
    else if (op === 'remove' && Array.isArray(parent)) parent.splice(Number(last), 1);
    else if (op === 'remove') delete parent[last];
    else throw new Error(`${op} is not known here`);
  }
}
