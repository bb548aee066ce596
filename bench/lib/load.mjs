// How fast a server answers.
import autocannon from 'autocannon';

/**
 * @typedef {object} Run
 * @property {number} rate answers a second
 * @property {number} p50 milliseconds
 * @property {number} p95
 * @property {number} p99
 * @property {number} [cpuUs] microseconds that the server's own process works for an answer
 */

/**
 * Connections that ask one request after the other; each begins at another place of the list, so that no two ask the same at once.
 * @param {import('./servers.mjs').Server} server
 * @param {readonly { method?: 'GET' | 'POST', path: string, body?: string, setupRequest?: (request: any) => any }[]} requests
 * @param {{ connections: number, seconds: number }} how
 * @returns {Promise<Run>}
 */
export async function shoot(server, requests, { connections, seconds }) {
  const took = [];
  let client = 0;
  const headers = {
    ...server.headers,
    ...(requests.some(({ body }) => body !== undefined) ? { 'content-type': 'application/json' } : {}),
  };
  const cpuMs = server.cpuMs();
  const result = await new Promise((resolve, reject) => {
    const instance = autocannon(
      {
        url: server.url,
        connections,
        duration: seconds,
        sampleInt: 100,
        headers,
        requests: [{ path: requests[0]?.path ?? '/' }],
        setupClient: (one) => {
          const from = Math.floor((client++ * requests.length) / connections);
          one.setRequests(
            [...requests.slice(from), ...requests.slice(0, from)].map((request) => ({ ...request, headers })),
          );
        },
      },
      (error, done) =>
        error === null ? resolve(done) : reject(new Error('the load could not be made', { cause: error })),
    );
    instance.on('response', (_client, _status, _bytes, ms) => void took.push(ms));
  });
  if (result.non2xx + result.errors + result.timeouts > 0) {
    throw new Error(`${server.name} refused or failed ${result.non2xx + result.errors} of ${result['2xx']} requests`);
  }
  took.sort((a, b) => a - b);
  const at = (/** @type {number} */ share) => took[Math.min(took.length - 1, Math.floor(took.length * share))] ?? 0;
  return {
    rate: result['2xx'] / result.duration,
    p50: at(0.5),
    p95: at(0.95),
    p99: at(0.99),
    cpuUs: ((server.cpuMs() - cpuMs) * 1000) / result['2xx'],
  };
}

/** One answer, as JSON. @param {import('./servers.mjs').Server} server @param {string} path @returns {Promise<any>} */
export async function ask(server, path) {
  const answer = await fetch(server.url + path, { headers: server.headers });
  if (!answer.ok) throw new Error(`${server.name} answers ${path} with ${answer.status}: ${await answer.text()}`);
  return answer.json();
}
