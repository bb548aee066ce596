// An id in the path. What is not even of the form of an id is not there either: 404, like an id that nothing has.
import { type PipeTransform } from '@nestjs/common';
import { Refusal, ValueInvalid } from '../common/domain-error.js';
import { type Id, type IdNoun, parseId } from '../common/ids.js';

export function IdParam<Noun extends IdNoun>(
  noun: Noun,
  notFound: new (id: string) => Refusal,
): PipeTransform<string, Id<Noun>> {
  return {
    transform(text) {
      try {
        return parseId(noun, text);
      } catch (error) {
        if (error instanceof ValueInvalid) throw new notFound(text);
        throw error;
      }
    },
  };
}
