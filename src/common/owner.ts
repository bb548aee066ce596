// Whose something is: a name that the host application gives (a user, a customer, a household).
import { ValueInvalid } from './domain-error.js';

declare const ownerBrand: unique symbol;
export type Owner = string & { readonly [ownerBrand]: true };

/** The owner of what is made by a caller who is bound to none and names none. */
export const DEFAULT_OWNER = 'default' as Owner;

const FORM = /^[A-Za-z0-9][A-Za-z0-9._:@+-]{0,127}$/;

/** @throws ValueInvalid unless 1 to 128 letters, digits or ._:@+- with a letter or digit first. */
export function parseOwner(text: string): Owner {
  if (!FORM.test(text))
    throw new ValueInvalid('must be 1 to 128 letters, digits or . _ : @ + - and begin with a letter or digit');
  return text as Owner;
}
