// A load that does not wait for answers: so many requests a second, whatever becomes of them. A process of its own, so that it and the server
// do not take each other's time: `node open-loop.mjs <JSON of what is wanted>` prints what came of it as JSON.
import { connect } from 'node:net';

/**
 * @typedef {object} Wanted
 * @property {number} port
 * @property {string[]} requests whole, as they go over the wire; sent in turn
 * @property {number} rate requests a second; 0: every connection asks again as soon as it is answered
 * @property {number} seconds
 * @property {number} connections how many requests can be unanswered at a time; further ones wait here, and their time counts from when they are sent
 *
 * @typedef {object} Came
 * @property {number} asked
 * @property {Record<string, number>} statuses how often each was answered; `0` is no answer
 * @property {number} withoutRetryAfter answers of 503 that do not say when to come again
 * @property {number} p50 milliseconds of those that were accepted
 * @property {number} p99
 * @property {number} max
 * @property {number} refusedP99 milliseconds of those that were refused
 * @property {{ accepted: number, refused: number, p99: number }[]} bySecond by when they were sent
 */

const OPENED_AT_ONCE = 50;
const DRAIN_MS_MAX = 60_000;
const TICK_MS = 1;

/** @param {Wanted} wanted @returns {Promise<Came>} */
async function load({ port, requests, rate, seconds, connections }) {
  const wires = requests.map((text) => Buffer.from(text, 'latin1'));
  /** @type {Connection[]} */
  const idle = [];
  /** How many are due for which no connection is free. */
  let waiting = 0;
  /** @type {{ at: number, tookMs: number, status: number }[]} */
  const answers = [];
  let asked = 0;
  let withoutRetryAfter = 0;
  let underWay = 0;
  let started = 0;
  let ends = Infinity;

  class Connection {
    heard = '';
    /** When the request that is being answered was sent. */
    at = 0;
    isBusy = false;
    opened = Promise.resolve();

    constructor() {
      this.open();
    }

    open() {
      this.heard = '';
      this.socket = connect(port, '127.0.0.1');
      this.socket.setNoDelay(true);
      this.socket.setEncoding('latin1');
      this.socket.on('data', (text) => this.hear(String(text)));
      this.socket.on('error', () => undefined);
      this.opened = new Promise((resolve) => this.socket?.once('connect', () => resolve(undefined)));
      this.socket.once('close', () => {
        if (this.isBusy) this.done(0);
        if (performance.now() < ends) this.open();
      });
    }

    ask() {
      this.at = performance.now();
      this.isBusy = true;
      underWay++;
      this.socket?.write(/** @type {Buffer} */ (wires[asked++ % wires.length]));
    }

    /** @param {string} text */
    hear(text) {
      this.heard += text;
      const end = this.heard.indexOf('\r\n\r\n');
      if (end < 0) return;
      const head = this.heard.slice(0, end + 2).toLowerCase();
      const [, length = '0'] = /\r\ncontent-length: (\d+)\r\n/.exec(head) ?? [];
      if (this.heard.length < end + 4 + Number(length)) return;
      const status = Number(head.slice(9, 12));
      if (status === 503 && !head.includes('\r\nretry-after: ')) withoutRetryAfter++;
      this.heard = '';
      this.done(status);
    }

    /** @param {number} status */
    done(status) {
      const now = performance.now();
      this.isBusy = false;
      underWay--;
      answers.push({ at: this.at, tookMs: now - this.at, status });
      if (rate === 0 ? now < ends : waiting > 0) {
        if (rate !== 0) waiting--;
        this.ask();
      } else {
        idle.push(this);
      }
    }
  }

  // Not all at once: the system drops what overflows a listener's backlog, and tries again seconds later.
  for (let number = 0; number < connections; number++) {
    const connection = new Connection();
    idle.push(connection);
    if (number % OPENED_AT_ONCE === 0) await connection.opened;
  }
  await Promise.all(idle.map(({ opened }) => opened));
  started = performance.now();
  ends = started + seconds * 1_000;
  if (rate === 0) while (idle.length > 0) idle.pop()?.ask();
  let issued = 0;
  await new Promise((resolve) => {
    const tick = setInterval(() => {
      const now = performance.now();
      const wanted = rate === 0 ? 0 : Math.floor(((Math.min(now, ends) - started) * rate) / 1_000);
      for (; issued < wanted; issued++) {
        const free = idle.pop();
        if (free === undefined) waiting++;
        else free.ask();
      }
      // What could not even be sent in time is not sent any more.
      if (now >= ends) waiting = 0;
      const isDrained = now >= ends && underWay === 0;
      if (!isDrained && now < ends + DRAIN_MS_MAX) return;
      clearInterval(tick);
      resolve(undefined);
    }, TICK_MS);
  });

  const accepted = answers.filter(({ status }) => status >= 200 && status < 500);
  const refused = answers.filter(({ status }) => status >= 500);
  /** @type {Record<string, number>} */
  const statuses = {};
  for (const { status } of answers) statuses[status] = (statuses[status] ?? 0) + 1;
  if (underWay > 0) statuses['0'] = (statuses['0'] ?? 0) + underWay;
  const bySecond = Array.from({ length: seconds }, (_, second) => {
    const within = (/** @type {{ at: number }} */ { at }) => Math.floor((at - started) / 1_000) === second;
    const those = accepted.filter(within);
    return { accepted: those.length, refused: refused.filter(within).length, p99: percentile(those, 0.99) };
  });
  return {
    asked,
    statuses,
    withoutRetryAfter,
    p50: percentile(accepted, 0.5),
    p99: percentile(accepted, 0.99),
    max: percentile(accepted, 1),
    refusedP99: percentile(refused, 0.99),
    bySecond,
  };
}

/** @param {{ tookMs: number }[]} answers @param {number} share */
function percentile(answers, share) {
  const sorted = answers.map(({ tookMs }) => tookMs).sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
}

process.stdout.write(JSON.stringify(await load(JSON.parse(process.argv[2] ?? '{}'))));
process.exit(0);
