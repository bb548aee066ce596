// What is refused before the validator sees it: its libraries recurse, and take names that every object has for known.
import { type Fault } from '../common/domain-error.js';
import { RequestInvalid } from './http.errors.js';

const DEPTH_MAX = 20;

/** @param prefix of pointers: `/` or `?`. @throws RequestInvalid for what lies too deep, and for names like `constructor` */
export function refuseTricks(value: unknown, prefix: string): void {
  const faults: Fault[] = [];
  const open: { inside: unknown; at: string; depth: number }[] = [{ inside: value, at: prefix, depth: 0 }];
  for (let one = open.pop(); one !== undefined; one = open.pop()) {
    const { inside, at, depth } = one;
    if (typeof inside !== 'object' || inside === null) continue;
    if (depth === DEPTH_MAX) throw new RequestInvalid([{ pointer: '', detail: `must not be nested deeper than ${DEPTH_MAX} levels` }]);
    for (const [name, held] of Object.entries(inside)) {
      const pointer = at + pointerStep(name);
      if (name in Object.prototype) faults.push({ pointer, detail: 'is not known here' });
      else if (typeof held === 'object' && held !== null) open.push({ inside: held, at: `${pointer}/`, depth: depth + 1 });
    }
  }
  if (faults.length > 0) throw new RequestInvalid(faults);
}

/** A name as a step of a JSON pointer. */
export function pointerStep(name: string): string {
  return name.replaceAll('~', '~0').replaceAll('/', '~1');
}
