// `@ProblemAnswers(AccountNotFound, …)`: which refusals a route may answer, for the OpenAPI document.
import { applyDecorators } from '@nestjs/common';
import { ApiExtraModels, ApiResponse, getSchemaPath } from '@nestjs/swagger';
import { type RefusalClass } from '../common/domain-error.js';
import { Problem, STATUS_OF } from './problem.js';

const noted = new WeakMap<object, Map<number, Set<RefusalClass>>>();

export function ProblemAnswers(...refusals: readonly RefusalClass[]): MethodDecorator & ClassDecorator {
  return (target: object, property?: string | symbol, descriptor?: PropertyDescriptor) => {
    const place: object = descriptor === undefined ? target : (descriptor.value as object);
    const byStatus = noted.get(place) ?? new Map<number, Set<RefusalClass>>();
    noted.set(place, byStatus);
    for (const refusal of refusals) {
      const status = STATUS_OF[refusal.kind];
      byStatus.set(status, (byStatus.get(status) ?? new Set()).add(refusal));
    }
    const answers = [...byStatus].map(([status, classes]) =>
      ApiResponse({
        status,
        description: [...classes].map((one) => `\`${one.code}\`: ${one.title}.`).join(' '),
        content: { 'application/problem+json': { schema: { $ref: getSchemaPath(Problem) } } },
      }),
    );
    (applyDecorators(ApiExtraModels(Problem), ...answers) as (...args: unknown[]) => void)(target, property, descriptor);
  };
}
