// `npm run prove`: the same tests with their full numbers of runs, and all of the API's through a pooler. Takes long; arguments choose among the tests.
import './lib/require-node.mjs';
import { judge } from './lib/checks.mjs';
import { ensureDebianPackages } from './lib/debian-packages.mjs';
import { ensureBuilt, ensureInstalled } from './lib/prepare.mjs';
import { apiFolders, runThroughPooler } from './lib/pooler.mjs';
import { add, conclude, NOTHING } from './lib/tally.mjs';
import { runTests } from './lib/tests.mjs';

const install = await judge('packages', ensureInstalled);
if (install.failed > 0) {
  conclude(install);
} else {
  await ensureDebianPackages();
  const build = await judge('build', ensureBuilt);
  const args = process.argv.slice(2);
  const tests = await runTests(args, { env: { PROVE: 'full' } });
  const pooled = args.length === 0 ? await runThroughPooler(apiFolders()) : NOTHING;
  conclude([build, tests, pooled].reduce(add, install));
}
