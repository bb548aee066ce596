// `passbook generate <what>`: the files that are made from the code and committed. For those who develop Passbook.
import { type OpenAPIObject } from '@nestjs/swagger';
import { Argument, Command } from 'commander';
import { configurationPage } from '../config/configuration-page.js';
import { readSettings } from '../config/settings.js';
import { makeLog } from '../http/logger.js';
import { openApiDocument } from '../http/openapi.js';
import { STAGES } from '../refusals.js';
import { VERSION } from '../common/version.js';
import { createServer } from '../server.js';
import { errorsPage } from './errors-page.js';

const PAGES: Readonly<Record<string, () => string | Promise<string>>> = {
  openapi: async () => `${JSON.stringify(await document(), null, 2)}\n`,
  configuration: configurationPage,
  errors: async () => errorsPage(await document()),
};

export function generateCommand(): Command {
  return new Command('generate')
    .description('Prints a generated file of the repository.')
    .addArgument(new Argument('<what>').choices(Object.keys(PAGES)))
    .action(async (what: string) => void process.stdout.write(await PAGES[what]!()));
}

async function document(): Promise<OpenAPIObject> {
  // It does not depend on the store, which need not even be there.
  const app = await createServer(readSettings({}), { log: makeLog({ level: 'silent', format: 'json' }) });
  const made = openApiDocument(app, VERSION, STAGES);
  await app.close();
  return made;
}
