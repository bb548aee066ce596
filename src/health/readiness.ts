// Whether this process still wants requests. Turned off first when it is to stop.
import { Injectable, type OnModuleDestroy } from '@nestjs/common';

@Injectable()
export class Readiness implements OnModuleDestroy {
  private stopping = false;

  get isStopping(): boolean {
    return this.stopping;
  }

  onModuleDestroy(): void {
    this.stopping = true;
  }
}
