// What is refused before the validator sees it: its libraries recurse, take names that every object has for known, and spend seconds on
// a body that is nothing but names.
import { type Fault } from '../common/domain-error.js';
import { RequestInvalid } from './http.errors.js';

const DEPTH_MAX = 20;
const NAMES_MAX = 100;
const NAME_SHOWN_MAX = 100;
/** No list of any request may be longer. */
export const ENTRIES_MAX = 1_000;

/** @param prefix of pointers: `/` or `?`. @throws RequestInvalid for what lies too deep or is too wide, and for names like `constructor` */
export function refuseTricks(value: unknown, prefix: string): void {
  const faults: Fault[] = [];
  const open: { inside: unknown; at: string; depth: number }[] = [{ inside: value, at: prefix, depth: 0 }];
  for (let one = open.pop(); one !== undefined; one = open.pop()) {
    const { inside, at, depth } = one;
    if (typeof inside !== 'object' || inside === null) continue;
    if (depth === DEPTH_MAX) throw refusalAt('', `must not be nested deeper than ${DEPTH_MAX} levels`);
    for (const name of namesIn(inside, at.slice(0, -1))) {
      const pointer = at + pointerStep(name);
      if (name in Object.prototype) faults.push({ pointer, detail: 'is not known here' });
      else open.push({ inside: (inside as Record<string, unknown>)[name], at: `${pointer}/`, depth: depth + 1 });
    }
  }
  if (faults.length > 0) throw new RequestInvalid(faults);
}

/** The names in an object, the places in a list. */
function namesIn(inside: object, pointer: string): string[] {
  // A list is measured before its places are named, which would cost more than all the rest.
  const isList = Array.isArray(inside);
  if (isList && inside.length > ENTRIES_MAX) throw refusalAt(pointer, `must not have more than ${ENTRIES_MAX} entries`);
  const names = Object.keys(inside);
  if (!isList && names.length > NAMES_MAX) throw refusalAt(pointer, `must not have more than ${NAMES_MAX} fields`);
  return names;
}

function refusalAt(pointer: string, detail: string): RequestInvalid {
  return new RequestInvalid([{ pointer, detail }]);
}

/** A name as a step of a JSON pointer; one that is longer than any known one is only hinted at. */
export function pointerStep(name: string): string {
  const shown = name.length > NAME_SHOWN_MAX ? `${name.slice(0, NAME_SHOWN_MAX)}…` : name;
  return shown.replaceAll('~', '~0').replaceAll('/', '~1');
}
