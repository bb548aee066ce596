// What the router knows of a route before a request comes to Nest, told by as many decorators as there are. Nest's own @RouteConfig forgets
// what another one has said, and a route without its scope is nobody's.
import { RouteConfig } from '@nestjs/platform-fastify';
import { FASTIFY_ROUTE_CONFIG_METADATA } from '@nestjs/platform-fastify/constants.js';
import { type FastifyContextConfig } from 'fastify';

export function RouterKnows(facts: FastifyContextConfig): MethodDecorator {
  return (target, name, descriptor) => {
    const known = Reflect.getMetadata(FASTIFY_ROUTE_CONFIG_METADATA, descriptor.value as object) as object | undefined;
    RouteConfig({ ...known, ...facts })(target, name, descriptor);
  };
}
