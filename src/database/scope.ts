// Whose rows a leave covers. Said by the caller each time; all owners' rows only by name.
import { type Owner } from '../common/owner.js';

/** On whose behalf something is done; every change is recorded with it. */
export interface Actor {
  /** An API key's id, or a name in words: `passbook keys` … */
  readonly name: string;
  /** The request that it came by, where there is one. */
  readonly requestId: string | null;
}

/** What the service does by itself: a sync that is due, a clean-up. */
export const THE_SERVICE: Actor = { name: 'passbook', requestId: null };

export interface OneOwner {
  readonly by: Actor;
  readonly owner: Owner;
}

export interface EveryOwner {
  readonly by: Actor;
  readonly everyOwner: true;
  /** Why, for the reader of the code. */
  readonly why: string;
}

export type Scope = OneOwner | EveryOwner;

export function ownedBy(owner: Owner, by: Actor = THE_SERVICE): OneOwner {
  return { owner, by };
}

export function ofEveryOwner(why: string, by: Actor = THE_SERVICE): EveryOwner {
  return { everyOwner: true, why, by };
}

/** The one owner of a scope, or undefined where it covers all. */
export function ownerOf(scope: Scope): Owner | undefined {
  return 'owner' in scope ? scope.owner : undefined;
}
