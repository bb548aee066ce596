// Everything that is checked without running the product's tests, in the order of how soon it tells something.
import { compareGenerated } from './generated.mjs';
import { ensureBuilt } from './prepare.mjs';
import { installed, run } from './run.mjs';
import { NOTHING, add } from './tally.mjs';

/** @type {readonly { name: string, check: () => Promise<import('./run.mjs').Ran> }[]} */
const CHECKS = [
  { name: 'format', check: () => run(installed('prettier'), ['--check', '--log-level=warn', '.']) },
  { name: 'lint', check: () => run(installed('oxlint'), ['--type-aware', '--deny-warnings']) },
  { name: 'types', check: () => run(installed('tsc'), ['--project', 'tsconfig.json']) },
  { name: 'import floors', check: () => run(process.execPath, ['scripts/floors.mjs']) },
  { name: 'dead code', check: () => run(installed('knip'), []) },
  { name: 'build', check: ensureBuilt },
  { name: 'generated files', check: compareGenerated },
];

/** Runs them all, also after one has failed, so that the count is whole. @returns {Promise<import('./tally.mjs').Tally>} */
export async function runChecks() {
  let tally = NOTHING;
  for (const { name, check } of CHECKS) tally = add(tally, await judge(name, check));
  return tally;
}

/** One line for a check that passed; what it said for one that failed. @param {string} name @param {() => Promise<import('./run.mjs').Ran>} check */
export async function judge(name, check) {
  const { code, output } = await check();
  console.log(`${code === 0 ? '✓' : '✗'} ${name}`);
  if (code !== 0) console.log(output.trimEnd());
  return { ...NOTHING, [code === 0 ? 'passed' : 'failed']: 1 };
}
