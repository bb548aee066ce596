// What a route says of itself, by its parameters and its decorators: read once a handler, then known for every request.
import { type ExecutionContext } from '@nestjs/common';
import { ROUTE_ARGS_METADATA, RouteParamtypes } from '@nestjs/common/internal';
import { type RefusalClass } from '../common/domain-error.js';
import { DEPRECATION, type DeprecationHeaders } from './deprecated.js';
import { EXEMPT_FROM_ONCE } from './exempt-from-once.js';
import { TAKES_IF_MATCH } from './expected-version.js';
import { LOCATED_AT } from './located-at.js';
import { PROBLEM_ANSWERS } from './problem-answers.js';
import { SIGNED } from './signed-body.js';
import { TAKES_ANYTHING } from './takes-anything.js';

export interface RouteFacts {
  /** For messages about the route itself. */
  readonly name: string;
  readonly takesQuery: boolean;
  readonly takesBody: boolean;
  readonly takesIfMatch: boolean;
  /** Whether it knows who calls by a signature over the body, and by no key. */
  readonly isSigned: boolean;
  /** Where what it makes can be fetched, with `{id}` for the id. */
  readonly location: string | undefined;
  /** Whether a POST may have its effect again when it is repeated. */
  readonly isExemptFromOnce: boolean;
  readonly deprecation: DeprecationHeaders | undefined;
  /** What it refuses itself, in the order in which it is tried. */
  readonly refusals: readonly RefusalClass[];
}

export type Handler = ReturnType<ExecutionContext['getHandler']>;
export type Controller = ReturnType<ExecutionContext['getClass']>;

declare module 'fastify' {
  interface FastifyRequest {
    /** Of the route that answers; undefined where none does. */
    facts?: RouteFacts;
  }
}

const known = new WeakMap<Handler, RouteFacts>();

export function routeFactsOf(controller: Controller, handler: Handler): RouteFacts {
  let facts = known.get(handler);
  if (facts === undefined) {
    facts = readFacts(controller, handler);
    known.set(handler, facts);
  }
  return facts;
}

function readFacts(controller: Controller, handler: Handler): RouteFacts {
  const said = (name: string): unknown =>
    Reflect.getMetadata(name, handler) ?? (Reflect.getMetadata(name, controller) as unknown);
  const takesAnything = said(TAKES_ANYTHING) === true;
  const taken = takenBy(controller, handler);
  return {
    name: `${controller.name}.${handler.name}`,
    takesQuery: takesAnything || taken.has(RouteParamtypes.QUERY),
    takesBody: takesAnything || taken.has(RouteParamtypes.BODY),
    location: said(LOCATED_AT) as string | undefined,
    takesIfMatch: said(TAKES_IF_MATCH) === true,
    isSigned: said(SIGNED) === true,
    isExemptFromOnce: said(EXEMPT_FROM_ONCE) === true,
    deprecation: said(DEPRECATION) as DeprecationHeaders | undefined,
    refusals: (said(PROBLEM_ANSWERS) ?? []) as readonly RefusalClass[],
  };
}

/** What of a request the handler has parameters for: Nest keeps them as `<kind>:<place>`; those of our own begin with letters and digits by chance. */
function takenBy(controller: Controller, handler: Handler): ReadonlySet<RouteParamtypes> {
  const parameters = (Reflect.getMetadata(ROUTE_ARGS_METADATA, controller, handler.name) ?? {}) as object;
  return new Set(Object.keys(parameters).flatMap((key) => (/^\d+:\d+$/.test(key) ? [Number.parseInt(key, 10)] : [])));
}
