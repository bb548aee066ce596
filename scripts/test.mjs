// `npm test`: every check and every test, from nothing prepared; with arguments, only the tests they name.
import './lib/require-node.mjs';
import { judge, runChecks } from './lib/checks.mjs';
import { ensureDebianPackages } from './lib/debian-packages.mjs';
import { ensureBuilt, ensureInstalled } from './lib/prepare.mjs';
import { POOLER_SHARE, runThroughPooler } from './lib/pooler.mjs';
import { add, conclude, NOTHING } from './lib/tally.mjs';
import { runTests } from './lib/tests.mjs';

const args = process.argv.slice(2);
const install = await judge('packages', ensureInstalled);
if (install.failed > 0) {
  conclude(install);
} else {
  await ensureDebianPackages();
  const checks = args.length === 0 ? await runChecks() : await judge('build', ensureBuilt);
  const tests = await runTests(args, { coverage: args.length === 0 });
  const pooled = args.length === 0 ? await runThroughPooler(POOLER_SHARE) : NOTHING;
  conclude([checks, tests, pooled].reduce(add, install));
}
