// Who calls, and how far that reaches.
import { type ApiKeyId } from '../common/ids.js';
import { DEFAULT_OWNER, type Owner } from '../common/owner.js';
import { ofEveryOwner, ownedBy, type Scope } from '../database/scope.js';
import { OwnerForbidden } from './auth.errors.js';

/** Each contains the ones before it. */
export const KEY_SCOPES = ['read', 'write', 'admin'] as const;
export type KeyScope = (typeof KEY_SCOPES)[number];

export class Principal {
  /** The leave that the caller's key gives. */
  readonly leave: Scope;

  constructor(
    readonly keyId: ApiKeyId,
    readonly scope: KeyScope,
    readonly owner: Owner | undefined,
  ) {
    this.leave = owner === undefined ? ofEveryOwner('the key is bound to no owner') : ownedBy(owner);
  }

  may(scope: KeyScope): boolean {
    return KEY_SCOPES.indexOf(this.scope) >= KEY_SCOPES.indexOf(scope);
  }

  /** Whose something new is. @throws OwnerForbidden when a bound key names somebody else. */
  ownerOfNew(asked: string | undefined): Owner {
    if (this.owner === undefined) return (asked ?? DEFAULT_OWNER) as Owner;
    if (asked !== undefined && asked !== this.owner) throw new OwnerForbidden();
    return this.owner;
  }

  /** The leave narrowed to one owner where the caller asks for it. @throws OwnerForbidden when a bound key asks for somebody else. */
  narrowedTo(asked: string | undefined): Scope {
    return asked === undefined ? this.leave : ownedBy(this.ownerOfNew(asked));
  }
}
