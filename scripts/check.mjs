// `npm run check`: every check, without the tests.
import './lib/require-node.mjs';
import { judge, runChecks } from './lib/checks.mjs';
import { ensureInstalled } from './lib/prepare.mjs';
import { add, conclude } from './lib/tally.mjs';

const install = await judge('packages', ensureInstalled);
conclude(install.failed > 0 ? install : add(install, await runChecks()));
