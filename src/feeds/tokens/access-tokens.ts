// Access tokens of banks at rest: sealed for the enrollment that they belong to, and opened only to ask.
import { Injectable } from '@nestjs/common';
import { type EnrollmentId } from '../../common/ids.js';
import { Secret } from '../../config/secret.js';
import { type Enrollment } from '../stored/enrollment.entity.js';
import { type SealedToken } from '../stored/enrollments.repository.js';
import { accessOf } from '../port/feed-access.js';
import { type FeedAccess } from '../port/feed.port.js';
import { AccessTokenUnreadable } from '../port/feeds.errors.js';
import { KeyRing, SealFailed } from './key-ring.js';

type Kept = Pick<Enrollment, 'id' | 'accessToken'>;

@Injectable()
export class AccessTokens {
  constructor(private readonly ring: KeyRing) {}

  /** @throws AccessTokenUnreadable when there is no key: what could not be opened again is not kept */
  seal(id: EnrollmentId, token: Secret): string {
    return named(id, () => this.ring.seal(token.reveal(), purposeOf(id)));
  }

  /** @throws AccessTokenUnreadable */
  open({ id, accessToken }: Kept): Secret | null {
    return accessToken === null ? null : named(id, () => new Secret(this.ring.open(accessToken, purposeOf(id))));
  }

  /** Whether two rows hold the same token, however each is sealed. @throws AccessTokenUnreadable */
  isSame(one: Kept, other: Kept): boolean {
    return one.accessToken === other.accessToken || this.open(one)?.reveal() === this.open(other)?.reveal();
  }

  isCurrent({ accessToken }: SealedToken): boolean {
    return this.ring.isCurrent(accessToken);
  }

  /** The same token under the first key. @throws AccessTokenUnreadable */
  reseal({ id, accessToken }: SealedToken): string {
    return named(id, () => this.ring.seal(this.ring.open(accessToken, purposeOf(id)), purposeOf(id)));
  }

  /** How an enrollment's bank is asked. @throws AccessTokenUnreadable */
  accessOf(enrollment: Enrollment): FeedAccess {
    return accessOf({ ...enrollment, accessToken: this.open(enrollment) });
  }
}

/** What was sealed for one row does not open in another. */
function purposeOf(id: EnrollmentId): string {
  return `enrollment ${id}`;
}

function named<Result>(id: EnrollmentId, work: () => Result): Result {
  try {
    return work();
  } catch (error) {
    if (error instanceof SealFailed)
      throw new AccessTokenUnreadable(`The access token of ${id} cannot be used. ${error.message}`);
    throw error;
  }
}
