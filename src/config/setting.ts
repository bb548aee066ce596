import { IsBoolean, IsIn, IsInt, IsOptional, IsString, Matches, Max, Min, ValidateBy } from 'class-validator';
import { STORE_URL_TAKES } from './refused-url.js';

export const GROUPS = [
  'Process',
  'Store',
  'Pool and queries',
  'HTTP',
  'Limits',
  'Log',
  'Metrics, traces and errors',
  'Values',
  'Book accounts',
  'Bank feeds',
  'Migrations',
] as const;
export type Group = (typeof GROUPS)[number];

/** What is documented of one variable, and printed in docs/configuration.md. */
export interface SettingDocs {
  readonly group: Group;
  /** What it is for: a sentence, with the unit where there is one. */
  readonly about: string;
  /** What holds when the variable is not set. */
  readonly default?: string | number | boolean;
  /** What the page says in place of `default`, where the default depends on something. */
  readonly defaultText?: string;
  /** Its value is never shown. */
  readonly secret?: boolean;
  /** Capital letters do: the text is read in small ones. */
  readonly caseBlind?: boolean;
  /** The text of a file, which ends in a new line: white space around it means nothing. */
  readonly isBlock?: boolean;
}

export interface SettingRecord extends SettingDocs {
  readonly variable: string;
  readonly kind: 'text' | 'store URL' | 'whole number' | 'yes or no';
  /** What it may hold, as a phrase that follows "takes". */
  readonly takes: string;
}

const recordsByClass = new WeakMap<object, SettingRecord[]>();

/** The settings of a class in the order of their declaration. */
export function settingsOf(type: { readonly prototype: object }): readonly SettingRecord[] {
  return recordsByClass.get(type.prototype) ?? [];
}

/**
 * Documents a variable and says how its text is read. The decorators below add the class-validator rule that goes with
 * it, so that what is documented and what is checked are stated once.
 */
function Setting(record: Omit<SettingRecord, 'variable'>): PropertyDecorator {
  return (prototype, property) => {
    const records = recordsByClass.get(prototype) ?? [];
    records.push({ ...record, variable: String(property) });
    recordsByClass.set(prototype, records);
  };
}

export function WholeNumber(limits: { from: number; to: number }, docs: SettingDocs): PropertyDecorator {
  const takes = `a whole number from ${limits.from} to ${limits.to}`;
  const rules = [IsOptional(), IsInt(), Min(limits.from), Max(limits.to)];
  return all(Setting({ ...docs, kind: 'whole number', takes }), ...rules);
}

export function YesOrNo(docs: SettingDocs): PropertyDecorator {
  const takes = 'true or false (also 1 or 0, yes or no, on or off)';
  return all(Setting({ ...docs, kind: 'yes or no', takes }), IsBoolean());
}

export function OneOf(values: readonly string[], docs: SettingDocs): PropertyDecorator {
  const takes = `one of ${values.map((value) => `\`${value}\``).join(', ')}`;
  return all(Setting({ ...docs, kind: 'text', takes }), IsOptional(), IsIn(values));
}

export function Text(pattern: RegExp, takes: string, docs: SettingDocs): PropertyDecorator {
  return all(Setting({ ...docs, kind: 'text', takes }), IsOptional(), IsString(), Matches(pattern));
}

/** A text that is right when `isRight` says so. */
export function TextThat(isRight: (text: string) => boolean, takes: string, docs: SettingDocs): PropertyDecorator {
  const validate = (value: unknown): boolean => typeof value === 'string' && isRight(value);
  const rule = ValidateBy({ name: 'textThat', validator: { validate } });
  return all(Setting({ ...docs, kind: 'text', takes }), IsOptional(), rule);
}

/** A URL of a store. Only the one that wins is read, by store-target.ts; here it is only not empty. */
export function StoreUrl(docs: SettingDocs): PropertyDecorator {
  return all(Setting({ ...docs, kind: 'store URL', takes: STORE_URL_TAKES }), IsOptional(), IsString());
}

function all(...decorators: readonly PropertyDecorator[]): PropertyDecorator {
  return (prototype, property) => {
    for (const decorate of decorators) decorate(prototype, property);
  };
}
