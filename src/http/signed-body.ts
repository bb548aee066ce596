// A body whose sender is known by a signature over its bytes: handed over as it came in, and nothing is read of it before that is shown.
import { isUtf8 } from 'node:buffer';
import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import { type FastifyRequest } from 'fastify';
import { BodyUnreadable } from './http.errors.js';

/** Metadata of a route that takes one. */
export const SIGNED = 'passbook:signed';

export class SignedBody {
  constructor(
    readonly bytes: Buffer,
    private readonly parse: (text: string) => unknown,
  ) {}

  /** The bytes as JSON, once their sender is known. @throws BodyUnreadable */
  json(): unknown {
    if (!isUtf8(this.bytes)) throw new BodyUnreadable('The body is not UTF-8.');
    try {
      return this.parse(this.bytes.toString());
    } catch {
      throw new BodyUnreadable('The body is no JSON.');
    }
  }
}

/** Empty where nothing came in. */
export const Signed = createParamDecorator((_: unknown, context: ExecutionContext): SignedBody => {
  const { body } = context.switchToHttp().getRequest<FastifyRequest>();
  return body instanceof SignedBody ? body : new SignedBody(Buffer.alloc(0), () => undefined);
});
