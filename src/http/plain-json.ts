// What is refused before the validator sees it: its libraries recurse, take names that every object has for known, and spend seconds on
// a body that is nothing but names.
import { type Fault } from '../common/domain-error.js';
import { RequestInvalid } from './http.errors.js';

const DEPTH_MAX = 20;
const NAMES_MAX = 100;
/** No list of any request may be longer. */
export const ENTRIES_MAX = 1_000;

/** @param prefix of pointers: `/` or `?`. @throws RequestInvalid for what lies too deep or is too wide, and for names like `constructor` */
export function refuseTricks(value: unknown, prefix: string): void {
  const faults: Fault[] = [];
  const open: { inside: unknown; at: string; depth: number }[] = [{ inside: value, at: prefix, depth: 0 }];
  for (let one = open.pop(); one !== undefined; one = open.pop()) {
    const { inside, at, depth } = one;
    if (typeof inside !== 'object' || inside === null) continue;
    if (depth === DEPTH_MAX)
      throw new RequestInvalid([{ pointer: '', detail: `must not be nested deeper than ${DEPTH_MAX} levels` }]);
    const entries = Object.entries(inside);
    const [most, called] = Array.isArray(inside) ? [ENTRIES_MAX, 'entries'] : [NAMES_MAX, 'fields'];
    if (entries.length > most)
      throw new RequestInvalid([{ pointer: at.slice(0, -1), detail: `must not have more than ${most} ${called}` }]);
    for (const [name, held] of entries) {
      const pointer = at + pointerStep(name);
      if (name in Object.prototype) faults.push({ pointer, detail: 'is not known here' });
      else if (typeof held === 'object' && held !== null)
        open.push({ inside: held, at: `${pointer}/`, depth: depth + 1 });
    }
  }
  if (faults.length > 0) throw new RequestInvalid(faults);
}

/** A name as a step of a JSON pointer. */
export function pointerStep(name: string): string {
  return name.replaceAll('~', '~0').replaceAll('/', '~1');
}
