// Runs the tests and counts what came of them from the runner's own report.
import { mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { judgeLogs } from './leaks.mjs';
import { installed, root, run } from './run.mjs';
import { NOTHING, add } from './tally.mjs';

const REPORT = join(root, '.tmp', 'vitest.json');
const COVERAGE = join(root, 'coverage', 'coverage-summary.json');
const COVERED_LINES_PERCENT_MIN = 90;
const NOT_RUN = new Set(['pending', 'skipped', 'todo']);
/** A filter by names skips nearly everything. */
const SKIPPED_SHOWN_MAX = 20;

/**
 * @param {readonly string[]} args for the runner
 * @param {{ coverage?: boolean, env?: NodeJS.ProcessEnv }} [options]
 * @returns {Promise<import('./tally.mjs').Tally>}
 */
export async function runTests(args, { coverage = false, env = {} } = {}) {
  for (const stale of [REPORT, ...(coverage ? [COVERAGE] : [])]) rmSync(stale, { force: true });
  const temporary = temporaryFolderOfRun();
  const logs = join(temporary, 'logs');
  const { code } = await run(installed('vitest'), ['run', ...(coverage ? ['--coverage'] : []), ...args], {
    shown: true,
    // The run ends itself when this script is killed.
    env: {
      ...process.env,
      ...env,
      PASSBOOK_TEST_PARENT: String(process.pid),
      PASSBOOK_TEST_LOGS: logs,
      TMPDIR: temporary,
    },
  });
  const leaks = judgeLogs(logs, { isWhole: args.length === 0 });
  rmSync(temporary, { recursive: true, force: true });
  const report = readJson(REPORT);
  tellSkipped(report);
  const tally = tallyOf(report);
  // An error outside of any test: the runner failed though no test did.
  const counted = code !== 0 && tally.failed === 0 ? add(tally, { ...NOTHING, failed: 1 }) : tally;
  return [leaks, coverage ? judgeCoverage(readJson(COVERAGE)) : NOTHING].reduce(add, counted);
}

/** A folder for what the runner itself leaves lying when it is killed; those of runs that are over go first. */
function temporaryFolderOfRun() {
  const parent = join(root, '.tmp');
  mkdirSync(parent, { recursive: true });
  for (const name of readdirSync(parent)) {
    const pid = /^run-(\d+)$/.exec(name)?.[1];
    if (pid !== undefined && !isAlive(Number(pid))) rmSync(join(parent, name), { recursive: true, force: true });
  }
  const folder = join(parent, `run-${process.pid}`);
  mkdirSync(folder, { recursive: true });
  return folder;
}

/** @param {number} pid */
function isAlive(pid) {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

/** What was skipped, whose name says why: a suite once, or single tests of it. The runner itself shows the number alone. @param {any} report */
function tellSkipped(report) {
  const tests = (report?.testResults ?? []).flatMap((/** @type {any} */ file) => file.assertionResults);
  const suiteOf = (/** @type {any} */ test) => test.ancestorTitles[0] ?? test.title;
  const running = new Set(tests.filter((/** @type {any} */ test) => !NOT_RUN.has(test.status)).map(suiteOf));
  /** @type {Map<string, number>} */
  const counts = new Map();
  for (const test of tests) {
    if (!NOT_RUN.has(test.status)) continue;
    const name = running.has(suiteOf(test)) ? test.fullName : suiteOf(test);
    counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  for (const [name, count] of [...counts].slice(0, SKIPPED_SHOWN_MAX)) console.log(`– skipped, ${count}: ${name}`);
}

/** @param {any} report @returns {import('./tally.mjs').Tally} */
function tallyOf(report) {
  if (report === undefined) return { ...NOTHING, failed: 1 };
  // A file that could not be loaded has no test that failed.
  const brokenFiles = report.testResults.filter(
    (/** @type {any} */ file) =>
      file.status === 'failed' && !file.assertionResults.some((/** @type {any} */ test) => test.status === 'failed'),
  );
  return {
    passed: report.numPassedTests,
    failed: report.numFailedTests + brokenFiles.length,
    skipped: report.numPendingTests + report.numTodoTests,
  };
}

/** @param {any} summary @returns {import('./tally.mjs').Tally} */
function judgeCoverage(summary) {
  const percent = summary?.total.lines.pct ?? 0;
  const isEnough = percent >= COVERED_LINES_PERCENT_MIN;
  console.log(
    `${isEnough ? '✓' : '✗'} coverage: ${percent} % of the lines of src, at least ${COVERED_LINES_PERCENT_MIN} %`,
  );
  return { ...NOTHING, [isEnough ? 'passed' : 'failed']: 1 };
}

/** @param {string} path @returns {any} */
function readJson(path) {
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch {
    return undefined;
  }
}
