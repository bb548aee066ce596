// The words in which a request says what it takes: each checks a field, gives it its type and describes it in the OpenAPI document.
import { applyDecorators } from '@nestjs/common';
import { ApiProperty, type ApiPropertyOptions } from '@nestjs/swagger';
import { Transform } from 'class-transformer';
import { IsOptional, ValidateBy, ValidateIf } from 'class-validator';
import { parseCivilDate } from '../common/civil-date.js';
import { parseInstant } from '../common/clock.js';
import { ValueInvalid } from '../common/domain-error.js';
import { ID_PREFIXES, type IdNoun, parseId } from '../common/ids.js';
import { parseOwner } from '../common/owner.js';
import { storableText } from '../common/text.js';

interface FieldOptions {
  readonly about: string;
  readonly optional?: boolean;
  readonly nullable?: boolean;
  readonly example?: string | number | boolean;
}

/** A check throws ValueInvalid, or answers the value in its proper form. */
type Check = (value: unknown) => unknown;

/** The words for what is wrong, kept beside the value until the pipe asks. */
function faultOf(check: Check, value: unknown): string | undefined {
  try {
    check(value);
    return undefined;
  } catch (error) {
    if (error instanceof ValueInvalid) return error.message;
    throw error;
  }
}

function field(check: Check, schema: ApiPropertyOptions, options: FieldOptions): PropertyDecorator {
  const { about, optional = false, nullable = false, example } = options;
  return applyDecorators(
    ApiProperty({
      description: about,
      required: !optional,
      nullable,
      ...(example === undefined ? {} : { example }),
      ...schema,
    } as ApiPropertyOptions),
    ...(optional ? [nullable ? IsOptional() : ValidateIf((_: object, value: unknown) => value !== undefined)] : []),
    ...(nullable && !optional ? [ValidateIf((_: object, value: unknown) => value !== null)] : []),
    ValidateBy({
      name: 'form',
      validator: {
        validate: (value: unknown) => faultOf(check, value) === undefined,
        defaultMessage: (args) => faultOf(check, args?.value) ?? '',
      },
    }),
    // What is wrong stays as it came, for the check to name.
    Transform(({ value }: { value: unknown }) =>
      value === undefined || value === null || faultOf(check, value) !== undefined ? value : check(value),
    ),
  );
}

function text(value: unknown): string {
  if (typeof value !== 'string') throw new ValueInvalid(value === undefined ? 'is missing' : 'must be a string');
  return value;
}

/** Free text of 1 to `max` characters (0 with `empty`), with nothing in it that a store cannot hold. */
export function TextField(options: FieldOptions & { max: number; empty?: boolean }): PropertyDecorator {
  const min = options.empty === true ? 0 : 1;
  const check: Check = (value) => {
    const given = storableText(text(value));
    if (given.length < min || given.length > options.max)
      throw new ValueInvalid(`must have ${min} to ${options.max} characters`);
    if (min > 0 && given.trim() === '') throw new ValueInvalid('must not be blank');
    return given;
  };
  return field(check, { type: String, minLength: min, maxLength: options.max }, options);
}

export function ChoiceField(choices: readonly string[], options: FieldOptions): PropertyDecorator {
  const check: Check = (value) => {
    if (!choices.includes(text(value))) throw new ValueInvalid(`must be one of ${choices.join(', ')}`);
    return value;
  };
  return field(check, { enum: [...choices], type: String }, options);
}

export function IdField(noun: IdNoun, options: FieldOptions): PropertyDecorator {
  return field(
    (value) => parseId(noun, text(value)),
    { type: String, pattern: `^${ID_PREFIXES[noun]}_[0-9a-f]{32}$` },
    options,
  );
}

export function CivilDateField(options: FieldOptions): PropertyDecorator {
  return field((value) => parseCivilDate(text(value)), { type: String, format: 'date' }, options);
}

export function InstantField(options: FieldOptions): PropertyDecorator {
  return field((value) => parseInstant(text(value)), { type: String, format: 'date-time' }, options);
}

export function OwnerField(options: FieldOptions): PropertyDecorator {
  return field(
    (value) => parseOwner(text(value)),
    { type: String, pattern: '^[A-Za-z0-9][A-Za-z0-9._:@+-]{0,127}$' },
    options,
  );
}

const DECIMAL = /^-?(?:0|[1-9]\d{0,24})(?:\.\d{1,10})?$/;

/** An amount of money as a decimal string. Its number of decimals is checked against the currency once that is known. */
export function DecimalField(options: FieldOptions): PropertyDecorator {
  const check: Check = (value) => {
    if (typeof value === 'number') throw new ValueInvalid('must be a decimal string like "-12.34", not a number');
    if (!DECIMAL.test(text(value))) throw new ValueInvalid('must be a decimal string like "-12.34"');
    return value;
  };
  return field(check, { type: String, pattern: DECIMAL.source, example: '-12.34' }, options);
}

const ACCOUNT_NUMBER = /^[A-Z0-9](?:[A-Z0-9-]{1,32}[A-Z0-9])$/;

/** The number by which people name an account: capitals, digits and hyphens. */
export function AccountNumberField(options: FieldOptions): PropertyDecorator {
  const check: Check = (value) => {
    if (!ACCOUNT_NUMBER.test(text(value)))
      throw new ValueInvalid('must be 3 to 34 capitals, digits and hyphens, like "NC-7K2M-Q4XZ"');
    return value;
  };
  return field(check, { type: String, pattern: ACCOUNT_NUMBER.source, example: 'NC-7K2M-Q4XZ' }, options);
}

/** An account, named by its id or its number. */
export function AccountNameField(options: FieldOptions): PropertyDecorator {
  const check: Check = (value) => {
    if (!ACCOUNT_NAME.test(text(value)))
      throw new ValueInvalid('must be an account\'s id like "acc_0192f0c1…", or its number like "NC-7K2M-Q4XZ"');
    return value;
  };
  return field(check, { type: String, pattern: ACCOUNT_NAME.source, example: 'NC-7K2M-Q4XZ' }, options);
}

const ACCOUNT_NAME = /^(?:acc_[0-9a-f]{32}|[A-Z0-9](?:[A-Z0-9-]{1,32}[A-Z0-9]))$/;

const CURRENCY = /^[A-Z][A-Z0-9]{2,7}$/;

/** The form only: which codes are known depends on the installation. */
export function CurrencyField(options: FieldOptions): PropertyDecorator {
  const check: Check = (value) => {
    if (!CURRENCY.test(text(value))) throw new ValueInvalid('must be a currency code like "USD"');
    return value;
  };
  return field(check, { type: String, pattern: CURRENCY.source, example: 'USD' }, options);
}

/** A word of a form. `wrong` says what it must be. */
export function PatternField(form: RegExp, wrong: string, options: FieldOptions): PropertyDecorator {
  const check: Check = (value) => {
    if (!form.test(text(value))) throw new ValueInvalid(wrong);
    return value;
  };
  return field(check, { type: String, pattern: form.source }, options);
}

export function YesNoField(options: FieldOptions): PropertyDecorator {
  const check: Check = (value) => {
    if (typeof value !== 'boolean') throw new ValueInvalid('must be true or false');
    return value;
  };
  return field(check, { type: Boolean }, options);
}

const METADATA_NAMES_MAX = 50;
const METADATA_NAME_MAX = 40;
const METADATA_VALUE_MAX = 500;

/** Names of the caller's own, each with a text. */
export function MetadataField(options: FieldOptions): PropertyDecorator {
  const check: Check = (value) => {
    if (typeof value !== 'object' || value === null || Array.isArray(value))
      throw new ValueInvalid('must be an object of texts');
    const entries = Object.entries(value);
    if (entries.length > METADATA_NAMES_MAX) throw new ValueInvalid(`must have at most ${METADATA_NAMES_MAX} names`);
    for (const [name, said] of entries) {
      if (storableText(name).length < 1 || name.length > METADATA_NAME_MAX)
        throw new ValueInvalid(`must have names of 1 to ${METADATA_NAME_MAX} characters`);
      if (storableText(text(said)).length > METADATA_VALUE_MAX)
        throw new ValueInvalid(`must have texts of at most ${METADATA_VALUE_MAX} characters`);
    }
    return value;
  };
  const texts = { type: 'string', maxLength: METADATA_VALUE_MAX };
  const schema = { type: 'object', additionalProperties: texts, maxProperties: METADATA_NAMES_MAX };
  return field(check, schema as ApiPropertyOptions, options);
}

/** A whole number of a query string. */
export function QueryNumberField(options: FieldOptions & { min: number; max: number }): PropertyDecorator {
  const check: Check = (value) => {
    const number = typeof value === 'number' ? value : /^\d{1,9}$/.test(text(value)) ? Number(value) : Number.NaN;
    if (!(number >= options.min && number <= options.max))
      throw new ValueInvalid(`must be a whole number from ${options.min} to ${options.max}`);
    return number;
  };
  return field(check, { type: 'integer', minimum: options.min, maximum: options.max }, options);
}
