// The server and its peers, each a process of its own that listens on a free port.
import { spawn } from 'node:child_process';
import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { built, environmentOf, ROOT } from './dist.mjs';
import { tether, untether } from './tether.mjs';

export const RESULTS = join(ROOT, 'bench', 'results');
const START_MS_MAX = 30_000;
const SAMPLE_MS = 250;

/**
 * @typedef {object} Server
 * @property {string} name
 * @property {string} url
 * @property {Record<string, string>} headers
 * @property {() => number} peakMib of resident memory so far
 * @property {() => number} cpuMs that its process has used so far
 * @property {() => Promise<void>} stop
 */

/**
 * The service as it was built. @param {string} storeUrl @param {string} key
 * @param {{ profile?: string, variables?: Record<string, string> }} [options] @returns {Promise<Server>}
 */
export function startPassbook(storeUrl, key, { profile, variables } = {}) {
  return start(
    'passbook',
    [...profiled(profile), built('src/main.js')],
    { ...environmentOf(storeUrl), ...variables },
    {
      authorization: `Bearer ${key}`,
    },
  );
}

/** One of bench/peers. @param {string} name @param {URL} file @param {string} storeUrl @param {{ profile?: string }} [options] @returns {Promise<Server>} */
export function startPeer(name, file, storeUrl, { profile } = {}) {
  return start(
    name,
    [...profiled(profile), fileURLToPath(file)],
    { ...environmentOf(storeUrl), STORE_URL: storeUrl },
    {},
  );
}

/** Node's arguments that write a CPU profile under this name; none without one. @param {string | undefined} name */
export function profiled(name) {
  if (name === undefined) return [];
  mkdirSync(RESULTS, { recursive: true });
  return ['--cpu-prof', `--cpu-prof-dir=${RESULTS}`, `--cpu-prof-name=${name}.cpuprofile`];
}

/** @param {string} name @param {string[]} args @param {NodeJS.ProcessEnv} env @param {Record<string, string>} headers @returns {Promise<Server>} */
async function start(name, args, env, headers) {
  const child = spawn(process.execPath, args, { env, stdio: ['ignore', 'pipe', 'pipe'] });
  const pid = /** @type {number} */ (child.pid);
  tether({ pid });
  let said = '';
  const url = await new Promise((resolve, reject) => {
    const late = setTimeout(() => reject(new Error(`${name} did not start:\n${said}`)), START_MS_MAX);
    const hear = (/** @type {Buffer} */ text) => {
      said = `${said}${String(text)}`.slice(-10_000);
      const [, found] = /listening on (http:\/\/[\w.:[\]-]+)/.exec(said) ?? [];
      if (found === undefined) return;
      clearTimeout(late);
      resolve(found);
    };
    child.stdout.on('data', hear);
    child.stderr.on('data', hear);
    child.once('exit', () => reject(new Error(`${name} ended:\n${said}`)));
  });
  let peak = 0;
  const look = () => {
    peak = Math.max(peak, residentMib(pid));
  };
  const sampling = setInterval(look, SAMPLE_MS);
  return {
    name,
    url,
    headers,
    peakMib() {
      look();
      return peak;
    },
    cpuMs: () => cpuMs(pid),
    async stop() {
      look();
      clearInterval(sampling);
      const ended = new Promise((resolve) => child.once('exit', resolve));
      child.kill('SIGTERM');
      await ended;
      untether({ pid });
    },
  };
}

/** Resident memory; the highest there ever was where the system keeps it. @param {number} pid */
export function residentMib(pid) {
  try {
    const status = readFileSync(`/proc/${pid}/status`, 'latin1');
    return Number(/^VmHWM:\s+(\d+) kB/m.exec(status)?.[1] ?? 0) / 1024;
  } catch {
    return 0;
  }
}

const TICK_MS = 10;

/** @param {number} pid */
function cpuMs(pid) {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    // The name stands in parentheses and may itself hold some.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return (Number(fields[11]) + Number(fields[12])) * TICK_MS;
  } catch {
    return 0;
  }
}
