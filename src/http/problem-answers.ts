// `@ProblemAnswers(AccountNotFound, …)`: what a route itself may refuse, in the order in which it is tried. What every route may refuse
// stands in the stages that a request goes through.
import { type RefusalClass } from '../common/domain-error.js';

export const PROBLEM_ANSWERS = 'passbook:problem-answers';

export function ProblemAnswers(...refusals: readonly RefusalClass[]): MethodDecorator {
  return (_target, _name, descriptor) => {
    const handler = descriptor.value as object;
    const said = (Reflect.getMetadata(PROBLEM_ANSWERS, handler) ?? []) as readonly RefusalClass[];
    Reflect.defineMetadata(PROBLEM_ANSWERS, [...said, ...refusals], handler);
  };
}
