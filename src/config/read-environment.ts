import { validateSync } from 'class-validator';
import type { Problem } from './configuration-invalid.js';
import { editDistance } from './edit-distance.js';
import { Environment } from './environment.js';
import { maskedUrl, quoted } from './mask.js';
import { MASK } from './secret.js';
import { settingsOf, type SettingRecord } from './setting.js';

/** Environment variables as a process has them. */
export type Variables = Readonly<Record<string, string | undefined>>;

type Value = string | number | boolean | undefined;

const YES = new Set(['true', '1', 'yes', 'on']);
const NO = new Set(['false', '0', 'no', 'off']);
/** Digits only, and no leading zero: `5.5`, `1e3`, `0x10` and `" 5"` are mistakes, not numbers. */
const WHOLE_NUMBER = /^(0|-?[1-9]\d{0,14})$/;

/**
 * Reads and checks every variable of `Environment`, and adds to `problems` what can't be used. A variable that is set
 * but empty, or has white space around it (where it is no text of a file), is a problem too: a template that was not filled in must not become a default.
 */
export function readEnvironment(variables: Variables, problems: Problem[]): Environment {
  const environment = new Environment();
  const records = settingsOf(Environment);
  const wrong = new Set<string>();
  for (const record of records) {
    const text = variables[record.variable];
    const value = text === undefined ? record.default : valueOf(text, record);
    if (text !== undefined && value === undefined) wrong.add(record.variable);
    Object.assign(environment, { [record.variable]: value });
  }
  for (const error of validateSync(environment)) wrong.add(error.property);
  for (const record of records) {
    if (!wrong.has(record.variable)) continue;
    problems.push({ variable: record.variable, got: shown(variables[record.variable], record), takes: record.takes });
  }
  return environment;
}

/** Undefined when the text can't be read as what the setting takes. */
function valueOf(text: string, record: SettingRecord): Value {
  if (text.trim() === '' || (text !== text.trim() && record.isBlock !== true)) return undefined;
  switch (record.kind) {
    case 'whole number':
      return WHOLE_NUMBER.test(text) ? Number(text) : undefined;
    case 'yes or no':
      return YES.has(text.toLowerCase()) ? true : NO.has(text.toLowerCase()) ? false : undefined;
    default:
      return record.caseBlind === true ? text.toLowerCase() : text;
  }
}

function shown(text: string | undefined, record: SettingRecord): string {
  if (text === undefined) return 'nothing';
  if (text.trim() === '') return `${quoted(text)} (${text === '' ? 'set but empty' : 'only white space'})`;
  if (record.secret === true) return MASK;
  const value = quoted(record.kind === 'store URL' ? maskedUrl(text) : text);
  return text === text.trim() ? value : `${value} (white space around it)`;
}

/** A variable that is set and read by nobody, and the one of ours that it resembles. */
export interface Suspicion {
  readonly variable: string;
  readonly resembles: string;
}

/**
 * Set variables that look like misspellings of ours: one change apart, or two for names of ten letters and more. Short
 * names (`HOST`, `PORT`, `ENV`) are left out, because they resemble too much.
 */
export function misspellings(variables: Variables): readonly Suspicion[] {
  const ours = settingsOf(Environment).map((record) => record.variable);
  const known = new Set(ours);
  const suspicions: Suspicion[] = [];
  for (const variable of Object.keys(variables).sort()) {
    if (known.has(variable) || variables[variable] === undefined) continue;
    const resembles = ours.find((name) => isMisspelling(variable.toUpperCase(), name));
    if (resembles !== undefined) suspicions.push({ variable, resembles });
  }
  return suspicions;
}

function isMisspelling(given: string, ours: string): boolean {
  if (ours.length < 7 || Math.abs(given.length - ours.length) > 2) return false;
  return editDistance(given, ours) <= (ours.length < 10 ? 1 : 2);
}
