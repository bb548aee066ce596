// A day as a bank writes it: no time, no zone, never a JS Date.
import { ValueInvalid } from './domain-error.js';

declare const civilDateBrand: unique symbol;

/** `YYYY-MM-DD`, a day that exists in the Gregorian calendar, from 0001-01-01 to 9999-12-31. Sorts as text. */
export type CivilDate = string & { readonly [civilDateBrand]: true };

const FORM = /^(\d{4})-(\d{2})-(\d{2})$/;
const DAY_MS = 86_400_000;

/** @throws ValueInvalid for another form or a day that does not exist (2023-02-29). */
export function parseCivilDate(text: string): CivilDate {
  const match = FORM.exec(text);
  const [year, month, day] = match === null ? [0, 0, 0] : [Number(match[1]), Number(match[2]), Number(match[3])];
  if (year < 1 || month < 1 || month > 12 || day < 1 || day > daysIn(year, month)) {
    throw new ValueInvalid('must be a calendar date like "2024-02-29"');
  }
  return text as CivilDate;
}

/** The day `days` later (earlier when negative). @throws ValueInvalid beyond the years 1 to 9999. */
export function addDays(date: CivilDate, days: number): CivilDate {
  const moved = new Date(epochMs(date) + days * DAY_MS);
  if (Number.isNaN(moved.getTime()) || moved.getUTCFullYear() < 1 || moved.getUTCFullYear() > 9999) {
    throw new ValueInvalid('must lie within the years 1 to 9999');
  }
  return moved.toISOString().slice(0, 10) as CivilDate;
}

/** Whole days from `from` to `to`; negative when `to` is earlier. */
export function daysBetween(from: CivilDate, to: CivilDate): number {
  return Math.round((epochMs(to) - epochMs(from)) / DAY_MS);
}

function epochMs(date: CivilDate): number {
  return Date.parse(`${date}T00:00:00.000Z`);
}

function daysIn(year: number, month: number): number {
  const leap = (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0;
  return month === 2 ? (leap ? 29 : 28) : [4, 6, 9, 11].includes(month) ? 30 : 31;
}
