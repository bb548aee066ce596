// Moments, and the only place that asks the machine what time it is.
import { type CivilDate } from './civil-date.js';
import { ValueInvalid } from './domain-error.js';

declare const instantBrand: unique symbol;

/** A UTC moment to the millisecond in the fixed form `2026-11-21T08:39:31.123Z`. Sorts as text. */
export type Instant = string & { readonly [instantBrand]: true };

const FORM = /^(\d{4}-\d{2}-\d{2})T(\d{2}):(\d{2})(?::(\d{2})(?:\.(\d{1,9}))?)?(Z|[+-]\d{2}:\d{2})$/;

/** Reads RFC 3339 with any offset; what is finer than a millisecond is cut. @throws ValueInvalid */
export function parseInstant(text: string): Instant {
  const match = FORM.exec(text);
  if (match !== null) {
    const [, date = '', hour = '', minute = '', second = '00', fraction = '', offset = 'Z'] = match;
    const cut = `${date}T${hour}:${minute}:${second}.${fraction.slice(0, 3).padEnd(3, '0')}`;
    const local = new Date(`${cut}Z`);
    // A JS Date rolls 2023-02-29 over to March; a moment that does not exist is refused instead.
    if (!Number.isNaN(local.getTime()) && local.toISOString() === `${cut}Z`)
      return instantOf(new Date(`${cut}${offset}`).getTime());
  }
  throw new ValueInvalid('must be a moment like "2026-11-21T08:39:31.123Z"');
}

/** @throws ValueInvalid outside of the years 1 to 9999. */
export function instantOf(epochMs: number): Instant {
  const date = new Date(epochMs);
  if (Number.isNaN(date.getTime()) || date.getUTCFullYear() < 1 || date.getUTCFullYear() > 9999) {
    throw new ValueInvalid('must lie within the years 1 to 9999');
  }
  return date.toISOString() as Instant;
}

/** Milliseconds since 1970-01-01T00:00:00Z. */
export function epochMsOf(instant: Instant): number {
  return Date.parse(instant);
}

/** The day on which a moment lies in UTC. */
export function civilDateOf(instant: Instant): CivilDate {
  return instant.slice(0, 10) as CivilDate;
}

/** Tells the time. Injected, so that a test or a replay can hold it. */
export abstract class Clock {
  abstract now(): Instant;

  /** The same in milliseconds since 1970-01-01T00:00:00Z. */
  epochMs(): number {
    return epochMsOf(this.now());
  }
}

export class SystemClock extends Clock {
  override now(): Instant {
    return instantOf(Date.now());
  }

  override epochMs(): number {
    return Date.now();
  }
}
