// The fence behind the admission: a route of a controller that says nothing of who may is closed to all.
import { type CanActivate, type ExecutionContext, Injectable } from '@nestjs/common';
import { type FastifyRequest } from 'fastify';

@Injectable()
export class AuthGuard implements CanActivate {
  canActivate(context: ExecutionContext): boolean {
    const { principal, routeOptions } = context.switchToHttp().getRequest<FastifyRequest>();
    const { access } = routeOptions.config;
    if (principal === undefined && access !== 'public' && access !== 'signed')
      throw new Error('A route says neither what it requires nor that it is public.');
    return true;
  }
}
