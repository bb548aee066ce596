// How fast a server moves money, asked by wrk: it costs the machine that both share far less than a generator in JavaScript.
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { finished } from './finished.mjs';
import { openFolder } from './tether.mjs';

/** Each request has a key of its own, and accounts drawn by `pick`. */
const SCRIPT = `
local thread_count = 0
function setup(thread)
  thread_count = thread_count + 1
  thread:set("number", thread_count)
end
function init(args)
  math.randomseed(os.time() * 1000 + number)
  run = string.format("%x-%x", os.time(), math.random(2^30))
  count = 0
end
local function account(n) return string.format("acc_%032x", n) end
function request()
  count = count + 1
  local from, to = pick()
  local body = string.format('{"from":"%s","to":"%s","amount":"0.01","memo":"bench"}', account(from), account(to))
  local headers = { ["Content-Type"] = "application/json", ["Authorization"] = authorization,
    ["Idempotency-Key"] = run .. "-" .. number .. "-" .. count }
  return wrk.format("POST", "/v1/transfers", headers, body)
end
function done(summary, latency)
  io.write(string.format('RESULT {"requests":%d,"microseconds":%d,"refused":%d,"failed":"%s","p50":%d,"p99":%d}\\n',
    summary.requests, summary.duration, summary.errors.status,
    summary.errors.connect .. " not connected, " .. summary.errors.read .. " not read, " .. summary.errors.write .. " not written, " .. summary.errors.timeout .. " too late",
    latency:percentile(50), latency:percentile(99)))
end
`;

const PICKS = {
  /** Any two. @param {number} accounts */
  uniform: (accounts) => `
function pick()
  local from = math.random(1, ${accounts})
  local to = math.random(1, ${accounts} - 1)
  if to >= from then to = to + 1 end
  return from, to
end`,
  /** One of them is always the first. @param {number} accounts */
  hot: (accounts) => `
function pick()
  local other = math.random(2, ${accounts})
  if math.random(2) == 1 then return 1, other end
  return other, 1
end`,
};

export function isWrkThere() {
  return spawnSync('wrk', ['--version']).error === undefined;
}

/**
 * @param {{ url: string, headers: Record<string, string>, cpuMs: () => number }} server
 * @param {{ pick: keyof typeof PICKS, accounts: number, connections: number, seconds: number }} how
 * @returns {Promise<{ rate: number, p50: number, p99: number, cpuUs: number }>} transfers a second; milliseconds; microseconds of the server's own work for one
 */
export async function transferByWrk(server, { pick, accounts, connections, seconds }) {
  const script = join(openFolder('wrk'), 'transfers.lua');
  const authorization = server.headers['authorization'] ?? '';
  writeFileSync(script, `local authorization = "${authorization}"\n${PICKS[pick](accounts)}\n${SCRIPT}`);
  const cpuMs = server.cpuMs();
  const args = ['-t1', '--timeout', '10s', `-c${connections}`, `-d${seconds}s`, '-s', script, server.url];
  const { stdout, stderr } = await finished('wrk', args);
  const said = /^RESULT (.*)$/m.exec(stdout)?.[1];
  if (said === undefined) throw new Error(`wrk said:\n${stdout}${stderr}`);
  const { requests, microseconds, refused, failed, p50, p99 } = JSON.parse(said);
  if (refused > 0 || /[1-9]/.test(failed)) throw new Error(`${refused} transfers were refused, ${failed}`);
  return {
    rate: (requests * 1e6) / microseconds,
    p50: p50 / 1000,
    p99: p99 / 1000,
    cpuUs: ((server.cpuMs() - cpuMs) * 1000) / requests,
  };
}
