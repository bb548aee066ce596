// Fields that hold objects or lists of objects.
import { applyDecorators, type Type as ClassType } from '@nestjs/common';
import { ApiProperty } from '@nestjs/swagger';
import { Type } from 'class-transformer';
import { ArrayMaxSize, ArrayMinSize, IsArray, IsObject, ValidateIf, ValidateNested } from 'class-validator';

interface ObjectOptions {
  readonly about: string;
  readonly optional?: boolean;
}

function unlessLeftOut(optional: boolean | undefined): PropertyDecorator[] {
  return optional === true ? [ValidateIf((_: object, value: unknown) => value !== undefined)] : [];
}

export function ObjectField(of: ClassType, options: ObjectOptions): PropertyDecorator {
  return applyDecorators(
    ApiProperty({ description: options.about, required: options.optional !== true, type: of }),
    ...unlessLeftOut(options.optional),
    IsObject({ message: 'must be an object' }),
    ValidateNested(),
    Type(() => of),
  );
}

/** A list of objects, each of which must be right. */
export function ObjectsField(of: ClassType, options: ObjectOptions & { min: number; max: number }): PropertyDecorator {
  const { about, min, max, optional } = options;
  const message = `must be a list of ${min} to ${max} objects`;
  return applyDecorators(
    ApiProperty({
      description: about,
      required: optional !== true,
      type: of,
      isArray: true,
      minItems: min,
      maxItems: max,
    }),
    ...unlessLeftOut(optional),
    IsArray({ message }),
    ArrayMinSize(min, { message }),
    ArrayMaxSize(max, { message }),
    IsObject({ each: true, message: 'must be a list of objects' }),
    ValidateNested({ each: true }),
    Type(() => of),
  );
}

/** A list whose rows are judged one by one, by `readRow`: here only that it is a list of so many. */
export function RowsField(of: ClassType, options: ObjectOptions & { min: number; max: number }): PropertyDecorator {
  const { about, min, max } = options;
  const message = `must be a list of ${min} to ${max} objects`;
  return applyDecorators(
    ApiProperty({ description: about, type: of, isArray: true, minItems: min, maxItems: max }),
    IsArray({ message }),
    ArrayMinSize(min, { message }),
    ArrayMaxSize(max, { message }),
  );
}

/** An object that somebody else reads. */
export function AnyObjectField(options: ObjectOptions): PropertyDecorator {
  return applyDecorators(
    ApiProperty({
      description: options.about,
      type: 'object',
      selfRequired: options.optional !== true,
      additionalProperties: true,
    }),
    ...unlessLeftOut(options.optional),
    IsObject({ message: 'must be an object' }),
  );
}
