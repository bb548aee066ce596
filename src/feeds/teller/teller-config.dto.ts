import { type TellerEnvironment } from '../../config/environment.js';
import { type Owner } from '../../common/owner.js';
import { OwnerField } from '../../http/fields.js';

export class TellerConfigQuery {
  @OwnerField({
    about: "Whose accounts they will be, as in POST /v1/enrollments. The key's own owner when left out, or `default`.",
    optional: true,
  })
  owner?: Owner;
}

/** What a front end opens Teller Connect with. */
export class TellerConfigView {
  /** @example app_o1234567890abcdef0000 */
  applicationId!: string | null;
  /** @example sandbox */
  environment!: TellerEnvironment;
  /**
   * For Teller Connect, and to be put beside what it hands to `onSuccess`: the consent is signed over it. Good for an hour and this owner.
   * Null where consents need not be signed.
   */
  nonce!: string | null;
}
