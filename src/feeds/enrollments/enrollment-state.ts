// What a bank's answer makes of an enrollment's state.
import { type Instant } from '../../common/clock.js';
import { type Refusal } from '../../common/domain-error.js';
import { type Enrollment } from '../stored/enrollment.entity.js';
import { EnrollmentDisconnected, EnrollmentLocked, EnrollmentNeedsLogin } from '../port/feeds.errors.js';
import { storable } from './last-error.js';

export type EnrollmentState = Pick<Enrollment, 'status' | 'statusReason' | 'disconnectedAt'> &
  Partial<Pick<Enrollment, 'accessToken'>>;

/** Reasons of our own; all others are the feed's words. */
export const BY_REQUEST = 'by_request';
export const SUPERSEDED = 'superseded';

export const CONNECTED = { status: 'connected', statusReason: null, disconnectedAt: null } as const;

/** Undefined where the refusal says nothing about the consent. No refusal: the bank answered. */
export function stateAfter(refusal: Refusal | undefined, now: Instant): EnrollmentState | undefined {
  if (refusal === undefined) return CONNECTED;
  if (refusal instanceof EnrollmentDisconnected) return disconnected(refusal.reason, now);
  if (!(refusal instanceof EnrollmentNeedsLogin)) return undefined;
  const status = refusal instanceof EnrollmentLocked ? 'locked' : 'needs_login';
  return { status, statusReason: reasonOf(refusal.reason), disconnectedAt: null };
}

/** A token that is good for nothing any more is not kept. */
export function disconnected(reason: string | null, now: Instant): EnrollmentState {
  return { status: 'disconnected', statusReason: reasonOf(reason), disconnectedAt: now, accessToken: null };
}

function reasonOf(reason: string | null): string | null {
  return reason === null ? null : storable(reason);
}
