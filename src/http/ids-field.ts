// Fields that hold a list of ids.
import { applyDecorators } from '@nestjs/common';
import { ApiProperty } from '@nestjs/swagger';
import { ValidateBy } from 'class-validator';
import { ID_PREFIXES, type IdNoun, parseId } from '../common/ids.js';

export function IdsField(noun: IdNoun, options: { about: string; min: number; max: number }): PropertyDecorator {
  const { about, min, max } = options;
  const items = { type: 'string', pattern: `^${ID_PREFIXES[noun]}_[0-9a-f]{32}$` } as const;
  const isId = (value: unknown): boolean => {
    try {
      return typeof value === 'string' && parseId(noun, value) === value;
    } catch {
      return false;
    }
  };
  return applyDecorators(
    ApiProperty({ description: about, type: 'array', items, minItems: min, maxItems: max }),
    ValidateBy({
      name: 'ids',
      validator: {
        validate: (value: unknown) =>
          Array.isArray(value) && value.length >= min && value.length <= max && value.every(isId),
        defaultMessage: () => `must be a list of ${min} to ${max} ids like "${ID_PREFIXES[noun]}_0192f0c1…"`,
      },
    }),
  );
}
