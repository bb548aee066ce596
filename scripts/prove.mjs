// `npm run prove`: the same tests with their full numbers of runs. Takes long; arguments choose among the tests.
import './lib/require-node.mjs';
import { judge } from './lib/checks.mjs';
import { ensureDebianPackages } from './lib/debian-packages.mjs';
import { ensureBuilt, ensureInstalled } from './lib/prepare.mjs';
import { add, conclude } from './lib/tally.mjs';
import { runTests } from './lib/tests.mjs';

const install = await judge('packages', ensureInstalled);
if (install.failed > 0) {
  conclude(install);
} else {
  await ensureDebianPackages();
  const build = await judge('build', ensureBuilt);
  const tests = await runTests(process.argv.slice(2), { env: { PROVE: 'full' } });
  conclude([build, tests].reduce(add, install));
}
