// `@ProblemAnswers(AccountNotFound, …)`: which refusals a route may answer, for the OpenAPI document.
import { applyDecorators } from '@nestjs/common';
import { ApiExtraModels, ApiResponse, getSchemaPath } from '@nestjs/swagger';
import { type RefusalClass } from '../common/domain-error.js';
import { Problem } from './problem.dto.js';
import { STATUS_OF } from './problem.js';

export function ProblemAnswers(...refusals: readonly RefusalClass[]): MethodDecorator & ClassDecorator {
  const byStatus = new Map<number, RefusalClass[]>();
  for (const refusal of refusals) {
    const status = STATUS_OF[refusal.kind];
    byStatus.set(status, [...(byStatus.get(status) ?? []), refusal]);
  }
  // Where a route says it twice, the document joins the descriptions.
  const answers = [...byStatus].map(([status, classes]) =>
    ApiResponse({
      status,
      description: classes.map((one) => `\`${one.code}\`: ${one.title}.`).join(' '),
      content: { 'application/problem+json': { schema: { $ref: getSchemaPath(Problem) } } },
    }),
  );
  return applyDecorators(ApiExtraModels(Problem), ...answers);
}
