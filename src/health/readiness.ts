// Whether this process still wants requests. Turned off before anything else when it is to stop.
import { Injectable } from '@nestjs/common';

@Injectable()
export class Readiness {
  private stopping = false;

  get isStopping(): boolean {
    return this.stopping;
  }

  turnOff(): void {
    this.stopping = true;
  }
}
