// A stage on a request's way, and what is refused there.
import { type RefusalClass } from '../common/domain-error.js';
import { type RouteFacts } from './route-facts.js';

/** A route as its description knows it. */
export interface DescribedRoute {
  /** In capitals. */
  readonly method: string;
  readonly path: string;
  /** Whether it asks for a key. */
  readonly isGuarded: boolean;
  /** Whether it asks for a signature over the body instead. */
  readonly isSigned: boolean;
  readonly facts: RouteFacts;
}

export interface Stage {
  readonly name: string;
  readonly refusals: readonly RefusalClass[];
  /** Which routes refuse all of these without saying so; left out where each route says for itself which. */
  readonly isPassedBy?: (route: DescribedRoute) => boolean;
}

/** Whether an Idempotency-Key means something to it. */
export function isDoneOnce({ method, isGuarded, facts }: DescribedRoute): boolean {
  return method === 'POST' && isGuarded && !facts.isExemptFromOnce;
}

/** Everything that a route may refuse, in the order in which it is tried. */
export function refusalsOf(route: DescribedRoute, stages: readonly Stage[]): RefusalClass[] {
  const passed = stages.map(({ isPassedBy, refusals }) => (isPassedBy?.(route) === true ? refusals : []));
  const own = stages.findIndex(({ isPassedBy }) => isPassedBy === undefined);
  const common = new Set(passed.flat());
  return [
    ...passed.slice(0, own).flat(),
    ...route.facts.refusals.filter((refusal) => !common.has(refusal)),
    ...passed.slice(own).flat(),
  ];
}
