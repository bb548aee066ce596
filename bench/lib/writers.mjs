// Two sides of an ingest, each a process of its own: told how many batches to write, it says how long that took.
import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { lineAt, rowsOf } from './rows.mjs';
import { residentMib } from './servers.mjs';
import { tether, untether } from './tether.mjs';

export const BATCH = 1_000;
export const ACCOUNTS = 100;
/** As many as fill the two years that the rows are spread over. */
const OF = 4_000_000;

/** @typedef {{ name: string, write: (from: number, batches: number) => Promise<number>, peakMib: () => number, stop: () => Promise<void> }} Writer */

/** @param {string} name @param {URL} file @param {NodeJS.ProcessEnv} env @param {string[]} [execArgv] @returns {Promise<Writer>} */
export async function startWriter(name, file, env, execArgv = []) {
  const child = fork(fileURLToPath(file), { env, execArgv });
  const pid = /** @type {number} */ (child.pid);
  tether({ pid });
  const next = () =>
    new Promise((resolve, reject) => {
      child.once('message', resolve);
      child.once('exit', (code) => reject(new Error(`${name} ended with ${code}`)));
    });
  await next();
  let peak = 0;
  return {
    name,
    async write(from, batches) {
      const answer = next();
      child.send({ from, batches });
      const { ms } = await answer;
      child.removeAllListeners('exit');
      peak = Math.max(peak, residentMib(pid));
      return ms;
    },
    peakMib: () => peak,
    async stop() {
      child.removeAllListeners('exit');
      const ended = new Promise((resolve) => child.once('exit', resolve));
      child.disconnect();
      await ended;
      untether({ pid });
    },
  };
}

/**
 * The other end. Only `insert` is timed: the rows are there before.
 * @param {(rows: ReturnType<typeof lineAt>[]) => unknown} insert one batch, in a transaction of its own @param {() => unknown} close
 */
export function serveWriter(insert, close) {
  const tell = (/** @type {object} */ message) => process.send?.(message);
  process.on('message', (/** @type {{ from: number, batches: number }} */ { from, batches }) => {
    const work = async () => {
      let ms = 0;
      for (let batch = 0; batch < batches; batch++) {
        const rows = rowsOf(BATCH, (number) => lineAt(number, { accounts: ACCOUNTS, of: OF }), from + batch * BATCH);
        const started = performance.now();
        await insert(rows);
        ms += performance.now() - started;
      }
      tell({ ms });
    };
    work().catch((error) => {
      console.error(error);
      process.exit(1);
    });
  });
  process.once('disconnect', () => void Promise.resolve(close()).then(() => process.exit()));
  tell({ ready: true });
}
