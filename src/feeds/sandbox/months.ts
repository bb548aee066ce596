// Months as the sandbox counts them, in UTC: one number each, so that the month before is minus one.
import { type CivilDate } from '../../common/civil-date.js';

/** year * 12 + month, January 0. */
export type Month = number;

export const HOUR_MS = 3_600_000;
export const DAY_MS = 24 * HOUR_MS;

export function monthOf(epochMs: number): Month {
  const date = new Date(epochMs);
  return date.getUTCFullYear() * 12 + date.getUTCMonth();
}

export function monthOfDay(day: CivilDate): Month {
  return Number(day.slice(0, 4)) * 12 + Number(day.slice(5, 7)) - 1;
}

/** The first moment of the month. */
export function startOf(month: Month): number {
  return Date.UTC(Math.floor(month / 12), month % 12, 1);
}

export function daysIn(month: Month): number {
  return Math.round((startOf(month + 1) - startOf(month)) / DAY_MS);
}

export function isDecember(month: Month): boolean {
  return month % 12 === 11;
}
