// Who may: nobody comes to a route below but by its admission. Not global, because global modules are ended last and in no order: when keys were
// last used is written while the store is still open.
import { Module, type OnModuleInit } from '@nestjs/common';
import { APP_GUARD, HttpAdapterHost } from '@nestjs/core';
import { type FastifyInstance } from 'fastify';
import { Admission } from './admission.js';
import { ApiKeysController } from './api-keys.controller.js';
import { ApiKeysRepository } from './api-keys.repository.js';
import { ApiKeysService } from './api-keys.service.js';
import { AuthGuard } from './auth.guard.js';
import { KeyUses } from './key-uses.js';

@Module({
  controllers: [ApiKeysController],
  providers: [Admission, ApiKeysRepository, ApiKeysService, KeyUses, { provide: APP_GUARD, useClass: AuthGuard }],
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
