// Whose rows a leave covers. Said by the caller each time; all owners' rows only by name.
import { type Owner } from '../common/owner.js';

export interface OneOwner {
  readonly owner: Owner;
}

export interface EveryOwner {
  readonly everyOwner: true;
  /** Why, for the reader of the code. */
  readonly why: string;
}

export type Scope = OneOwner | EveryOwner;

export function ownedBy(owner: Owner): OneOwner {
  return { owner };
}

export function ofEveryOwner(why: string): EveryOwner {
  return { everyOwner: true, why };
}

/** The one owner of a scope, or undefined where it covers all. */
export function ownerOf(scope: Scope): Owner | undefined {
  return 'owner' in scope ? scope.owner : undefined;
}
