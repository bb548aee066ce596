// `passbook smoke <url>`: after a deploy, whether what was deployed works.
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { Command, InvalidArgumentError, Option } from 'commander';
import { isKey } from '../../auth/key-secret.js';
import { EXIT } from '../../common/exit-codes.js';
import { CommandFailed } from '../command-failed.js';
import { columns, writeOutcome } from '../migrate.output.js';
import { smoke, SMOKE_ACCOUNT, type Step } from './smoke.js';

const ABOUT = `Tries a running service from outside: the probes, a read and a write with the key, and takes away what it wrote.
Lines go to an account "${SMOKE_ACCOUNT}" that it opens the first time and uses again.

Examples:
  PASSBOOK_API_KEY=pbk_… passbook smoke https://passbook.example.com
  passbook smoke http://127.0.0.1:3000 --key-file /run/secrets/smoke-key --wait 60
  passbook smoke https://passbook.example.com --read-only --json`;

const POLL_MS = 500;

interface Options {
  readonly key?: string;
  readonly keyFile?: string;
  readonly readOnly?: boolean;
  readonly timeout: number;
  readonly wait: number;
  readonly json?: boolean;
}

export function smokeCommand(): Command {
  return new Command('smoke')
    .summary('try a running service from outside')
    .description(ABOUT)
    .argument('<url>', 'where it is, like https://passbook.example.com', baseUrl)
    .addOption(
      new Option('--key <key>', 'not on the command line, where others see it').env('PASSBOOK_API_KEY').hideHelp(),
    )
    .option('--key-file <path>', 'the file that holds a key of scope write; else PASSBOOK_API_KEY in the environment')
    .option('--read-only', 'write nothing')
    .option('--timeout <seconds>', 'for each request', seconds, 10)
    .option('--wait <seconds>', 'wait so long for the service to be ready', seconds, 0)
    .option('--json', 'print JSON')
    .action(run);
}

async function run(url: string, options: Options): Promise<void> {
  const key = keyOf(options);
  await untilReady(url, options.wait);
  const steps = await smoke({ url, key, writes: options.readOnly !== true, timeoutMs: options.timeout * 1_000 });
  const count = (outcome: Step['outcome']): number => steps.filter((step) => step.outcome === outcome).length;
  const counts = { passed: count('passed'), failed: count('failed'), skipped: count('skipped'), total: steps.length };
  const summary = `Passed: ${counts.passed}  Failed: ${counts.failed}  Skipped: ${counts.skipped}  Total: ${counts.total}`;
  writeOutcome(
    {
      json: { url, ...counts, steps },
      text: `${columns(steps.map(rowOf))}\n\n${summary}`,
      exit: counts.failed === 0 ? EXIT.ok : EXIT.failed,
    },
    options,
  );
}

function rowOf({ name, outcome, detail, ms }: Step): readonly string[] {
  return [outcome, name, `${ms} ms`, detail];
}

function keyOf({ key, keyFile }: Options): string | undefined {
  const found = keyFile === undefined ? key : readKey(keyFile);
  if (found !== undefined && !isKey(found)) throw new CommandFailed('What was given as the key is none.', EXIT.usage);
  return found;
}

function readKey(path: string): string {
  try {
    return readFileSync(path, 'utf8').trim();
  } catch (error) {
    throw new CommandFailed(`The key cannot be read: ${error instanceof Error ? error.message : ''}`, EXIT.usage);
  }
}

/** A service that is not ready in time is no failure here: the steps say what is wrong with it. */
async function untilReady(url: string, waitSeconds: number): Promise<void> {
  for (const until = performance.now() + waitSeconds * 1_000; performance.now() < until; await sleep(POLL_MS)) {
    const response = await fetch(`${url}/readyz`, { signal: AbortSignal.timeout(POLL_MS * 4) }).catch(() => undefined);
    await response?.body?.cancel();
    if (response?.ok === true) return;
  }
}

function baseUrl(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || !/^https?:$/.test(url.protocol))
    throw new InvalidArgumentError('It must be an http(s) address.');
  if (url.username !== '' || url.search !== '') throw new InvalidArgumentError('It must hold no key and no query.');
  return text.replace(/\/+$/, '');
}

function seconds(text: string): number {
  const value = Number(text);
  if (!/^\d{1,4}$/.test(text)) throw new InvalidArgumentError('It must be a whole number of seconds.');
  return value;
}
