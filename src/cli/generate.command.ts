// `passbook generate <what>`: the files that are made from the code and committed. For those who develop Passbook.
import { Argument, Command } from 'commander';
import { configurationPage } from '../config/configuration-page.js';
import { readSettings } from '../config/settings.js';
import { makeLog } from '../http/logger.js';
import { openApiDocument } from '../http/openapi.js';
import { VERSION } from '../common/version.js';
import { createServer } from '../server.js';
import { errorsPage } from './errors-page.js';

const PAGES: Readonly<Record<string, () => string | Promise<string>>> = {
  openapi: openApiPage,
  configuration: configurationPage,
  errors: errorsPage,
};

export function generateCommand(): Command {
  return new Command('generate')
    .description('Prints a generated file of the repository.')
    .addArgument(new Argument('<what>').choices(Object.keys(PAGES)))
    .action(async (what: string) => void process.stdout.write(await PAGES[what]!()));
}

async function openApiPage(): Promise<string> {
  // The document does not depend on the store, which need not even be there.
  const app = await createServer(readSettings({}), { log: makeLog({ level: 'silent', format: 'json' }) });
  const document = openApiDocument(app, VERSION);
  await app.close();
  return `${JSON.stringify(document, null, 2)}\n`;
}
