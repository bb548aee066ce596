// Fills an empty store with the sandbox bank, so that there is something to look at.
import { type NestFastifyApplication } from '@nestjs/platform-fastify';

export async function linkSandbox(_app: NestFastifyApplication): Promise<string | undefined> {
  return undefined;
}
