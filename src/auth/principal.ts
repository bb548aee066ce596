// Who calls, how far that reaches, and by which request.
import { type ApiKeyId } from '../common/ids.js';
import { DEFAULT_OWNER, type Owner } from '../common/owner.js';
import { type Actor, ofEveryOwner, ownedBy, type Scope } from '../database/scope.js';
import { type OnceKey } from '../http/once-key.js';
import { OwnerForbidden } from './auth.errors.js';

/** Each contains the ones before it. */
export const KEY_SCOPES = ['read', 'write', 'admin'] as const;
export type KeyScope = (typeof KEY_SCOPES)[number];

/** Whether whoever has `scope` may do what takes `needed`. */
export function contains(scope: KeyScope, needed: KeyScope): boolean {
  return KEY_SCOPES.indexOf(scope) >= KEY_SCOPES.indexOf(needed);
}

/** What a valid key says of its holder. */
export interface KeyHolder {
  readonly keyId: ApiKeyId;
  readonly scope: KeyScope;
  /** Whose rows alone the key reaches; undefined reaches all. */
  readonly owner: Owner | undefined;
}

export class Principal {
  /** The leave that the caller's key gives, on the caller's behalf. */
  readonly leave: Scope;

  constructor(
    private readonly holder: KeyHolder,
    private readonly by: Actor,
    /** Set where the client asks that this request has one effect however often it is sent. */
    readonly once?: OnceKey,
  ) {
    this.leave = this.leaveFor(holder.owner);
  }

  get keyId(): ApiKeyId {
    return this.holder.keyId;
  }

  get owner(): Owner | undefined {
    return this.holder.owner;
  }

  /** Whose something new is. @throws OwnerForbidden when a bound key names somebody else. */
  ownerOfNew(asked: string | undefined): Owner {
    if (this.owner === undefined) return (asked ?? DEFAULT_OWNER) as Owner;
    if (asked !== undefined && asked !== this.owner) throw new OwnerForbidden();
    return this.owner;
  }

  /** The leave narrowed to one owner where the caller asks for it. @throws OwnerForbidden when a bound key asks for somebody else. */
  narrowedTo(asked: string | undefined): Scope {
    return asked === undefined ? this.leave : this.leaveFor(this.ownerOfNew(asked));
  }

  /** Whether that owner may be reached has been asked before. */
  leaveFor(owner: Owner | undefined): Scope {
    return owner === undefined ? ofEveryOwner('the key is bound to no owner', this.by) : ownedBy(owner, this.by);
  }
}
