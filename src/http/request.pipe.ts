// Turns what came in into the route's dto, or says everything that is wrong with it at once.
import { type ArgumentMetadata, ValidationPipe } from '@nestjs/common';
import { type ValidationError } from 'class-validator';
import { type Fault } from '../common/domain-error.js';
import { RequestInvalid } from './http.errors.js';
import { pointerStep, refuseTricks } from './plain-json.js';

const UNKNOWN = 'whitelistValidation';

/** What the validator found, on its way to where it is known whether it came in the body or the query. */
class FormFaulty extends Error {
  constructor(readonly errors: readonly ValidationError[]) {
    super();
  }
}

export class RequestPipe extends ValidationPipe {
  constructor() {
    super({
      transform: true,
      whitelist: true,
      forbidNonWhitelisted: true,
      stopAtFirstError: true,
      validationError: { target: false, value: false },
      exceptionFactory: (errors) => new FormFaulty(errors),
    });
  }

  override async transform(value: unknown, metadata: ArgumentMetadata): Promise<unknown> {
    // Made here from the request, and no part of what came in.
    if (metadata.type === 'custom') return value;
    if (metadata.type === 'body' && (typeof value !== 'object' || value === null || Array.isArray(value))) {
      throw new RequestInvalid([{ pointer: '', detail: 'must be a JSON object' }]);
    }
    const prefix = metadata.type === 'query' ? '?' : '/';
    refuseTricks(value, prefix);
    try {
      return (await super.transform(value, metadata)) as unknown;
    } catch (error) {
      if (!(error instanceof FormFaulty)) throw error;
      throw new RequestInvalid(error.errors.flatMap((one) => faultsOf(one, prefix)));
    }
  }
}

export function faultsOf(error: ValidationError, prefix: string): Fault[] {
  const pointer = prefix + pointerStep(error.property);
  const own = Object.entries(error.constraints ?? {}).map(([name, message]) => ({
    pointer,
    detail: name === UNKNOWN ? 'is not known here' : message,
  }));
  return [...own, ...(error.children ?? []).flatMap((child) => faultsOf(child, `${pointer}/`))];
}
