// Who may. Global: nobody comes to a route below but by its admission.
import { Global, Module, type OnModuleInit } from '@nestjs/common';
import { APP_GUARD, HttpAdapterHost } from '@nestjs/core';
import { type FastifyInstance } from 'fastify';
import { Admission } from './admission.js';
import { ApiKeysController } from './api-keys.controller.js';
import { ApiKeysRepository } from './api-keys.repository.js';
import { ApiKeysService } from './api-keys.service.js';
import { AuthGuard } from './auth.guard.js';
import { KeyUses } from './key-uses.js';

@Global()
@Module({
  controllers: [ApiKeysController],
  providers: [Admission, ApiKeysRepository, ApiKeysService, KeyUses, { provide: APP_GUARD, useClass: AuthGuard }],
  exports: [ApiKeysService],
})
export class AuthModule implements OnModuleInit {
  constructor(
    private readonly host: HttpAdapterHost,
    private readonly admission: Admission,
  ) {}

  onModuleInit(): void {
    this.admission.stand(this.host.httpAdapter.getInstance<FastifyInstance>());
  }
}
