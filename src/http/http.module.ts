// The door to the world: every request through one guard and one pipe, every answer through one hook, every refusal through one filter.
import { Module, type OnModuleInit } from '@nestjs/common';
import { APP_FILTER, APP_GUARD, APP_PIPE, HttpAdapterHost } from '@nestjs/core';
import { type FastifyAdapter } from '@nestjs/platform-fastify';
import { describeAnswers } from './answer-headers.js';
import { ProblemFilter } from './problem.filter.js';
import { RequestPipe } from './request.pipe.js';
import { RouteGuard } from './route.guard.js';

@Module({
  providers: [
    { provide: APP_FILTER, useClass: ProblemFilter },
    { provide: APP_GUARD, useClass: RouteGuard },
    { provide: APP_PIPE, useClass: RequestPipe },
  ],
})
export class HttpModule implements OnModuleInit {
  constructor(private readonly host: HttpAdapterHost<FastifyAdapter>) {}

  onModuleInit(): void {
    describeAnswers(this.host.httpAdapter.getInstance());
  }
}
