// An enrollment as the API shows it.
import { type Account } from '../../accounts/account.entity.js';
import { type Enrollment } from '../stored/enrollment.entity.js';
import { type EnrollmentView } from './enrollments.dto.js';
import { wayOutOf } from './way-out.js';

/**
 * @param accounts those that belong to it now
 * @param applicationId of this service at the feed
 */
export function enrollmentView(
  enrollment: Enrollment,
  accounts: readonly Pick<Account, 'id'>[],
  applicationId: string | null,
): EnrollmentView {
  const {
    id,
    owner,
    feed,
    environment,
    status,
    statusReason,
    lastSyncedAt,
    lastErrorCode,
    lastErrorDetail,
    createdAt,
    updatedAt,
    disconnectedAt,
  } = enrollment;
  return {
    id,
    owner,
    feed,
    environment,
    institution: { id: enrollment.institutionId, name: enrollment.institutionName },
    status,
    statusReason,
    wayOut: wayOutOf(enrollment, applicationId),
    lastSyncedAt,
    lastError: lastErrorCode === null ? null : { code: lastErrorCode, detail: lastErrorDetail ?? '' },
    accountIds: accounts.map((account) => account.id),
    createdAt,
    updatedAt,
    disconnectedAt,
  };
}
