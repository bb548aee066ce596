// `passbook ledger`: whether the books are whole, and a copy of their chain that needs no store.
import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import { Command } from 'commander';
import { EXIT } from '../../common/exit-codes.js';
import { readSettings } from '../../config/settings.js';
import { ofEveryOwner } from '../../database/scope.js';
import { ChainCheck, type ChainLink, type LedgerFault } from '../../transfers/chain-check.js';
import { CommandFailed } from '../command-failed.js';
import { openLedger } from './open-ledger.js';

const ABOUT = `Every transfer is sealed in an entry, and each entry chained to the one before by its hash (docs/ledger.md).

  verify   recomputes everything from the entries: the chain, every line, every balance, what is held, that all books sum to
           zero. It stops at the first thing that is off and names it (exit code 1). It only reads; servers may go on.
  export   writes the chain to standard output, a transfer a line.

Examples:
  passbook ledger verify
  passbook ledger export > chain.jsonl
  passbook ledger verify --file chain.jsonl            # without any store
  passbook ledger verify --file chain.jsonl --expect 9f86d081…   # and that it ends where it did`;

const WHOLE = ofEveryOwner('the whole chain is written out', { name: 'passbook ledger', requestId: null });
const BATCH = 1_000;

export function ledgerCommand(): Command {
  const ledger = new Command('ledger').summary('verify the books, and take their chain along').description(ABOUT);
  ledger
    .command('verify')
    .description('Recomputes everything from the entries and names the first thing that is off.')
    .option('--file <path>', 'a chain that "passbook ledger export" wrote, in place of the store')
    .option('--expect <hash>', 'the hash with which the chain must end')
    .option('--json', 'print JSON')
    .action(verify);
  ledger.command('export').description('Writes the chain, a transfer a line, oldest first.').action(exportChain);
  return ledger;
}

interface VerifyOptions {
  readonly file?: string;
  readonly expect?: string;
  readonly json?: boolean;
}

interface Verdict {
  readonly transfers: bigint;
  readonly lines: bigint;
  readonly hash: string;
  readonly fault: LedgerFault | undefined;
}

async function verify({ file, expect, json = false }: VerifyOptions): Promise<void> {
  const found = file === undefined ? await verifyStore() : await verifyFile(file);
  const { transfers, lines, hash } = found;
  const fault = found.fault ?? endFault(hash, expect);
  if (json)
    print(
      JSON.stringify({
        whole: fault === undefined,
        transfers: Number(transfers),
        lines: Number(lines),
        hash,
        fault: fault ?? null,
      }),
    );
  else if (fault === undefined)
    print(`The books are whole: ${transfers} transfers, ${lines} lines.\nThe chain ends with ${hash}`);
  if (fault !== undefined) throw new CommandFailed(`The books are not whole. ${fault.at}: ${fault.what}.`, EXIT.failed);
}

function endFault(hash: string, expected: string | undefined): LedgerFault | undefined {
  if (expected === undefined || expected === hash) return undefined;
  return { at: 'the end of the chain', what: `its hash is ${hash}, and ${expected} was expected` };
}

async function verifyStore(): Promise<Verdict> {
  const ledger = await openLedger(readSettings(process.env), false);
  try {
    return await ledger.verification.run(progress());
  } finally {
    await ledger.close();
  }
}

async function verifyFile(path: string): Promise<Verdict> {
  const check = new ChainCheck();
  let fault: LedgerFault | undefined;
  const lines = createInterface({ input: createReadStream(path, 'utf8'), crlfDelay: Infinity });
  try {
    for await (const line of lines) {
      if (line.trim() === '') continue;
      const link = linkOf(line);
      fault =
        link === undefined
          ? { at: `line ${check.transfers + 1n} of ${path}`, what: 'it is no link of a chain' }
          : check.next(link);
      if (fault !== undefined) break;
    }
  } catch (error) {
    throw new CommandFailed(`${path} cannot be read: ${error instanceof Error ? error.message : ''}`, EXIT.usage);
  }
  return { transfers: check.transfers, lines: check.lines, hash: check.hash, fault };
}

function linkOf(line: string): ChainLink | undefined {
  try {
    const { entry, hash } = JSON.parse(line) as Partial<ChainLink>;
    return typeof entry === 'string' && typeof hash === 'string' ? { entry, hash } : undefined;
  } catch {
    return undefined;
  }
}

async function exportChain(): Promise<void> {
  const { database, transfers, close } = await openLedger(readSettings(process.env), false);
  try {
    await database.snapshot(WHOLE, async (reader) => {
      for (let seq = 0n; ;) {
        const batch = await transfers.list(reader, {}, 'asc', seq, BATCH);
        if (batch.length === 0) return;
        await write(batch.map(({ entry, hash }) => `${JSON.stringify({ hash, entry })}\n`).join(''));
        seq = batch.at(-1)!.seq;
      }
    });
  } finally {
    await close();
  }
}

/** No faster than whoever reads it. */
function write(text: string): Promise<void> {
  return new Promise((resolve, reject) => {
    process.stdout.write(text, (error) => (error === null || error === undefined ? resolve() : reject(error)));
  });
}

/** A line that is written over, for people who watch. */
function progress(): (done: bigint, of: bigint) => void {
  if (!process.stderr.isTTY) return () => undefined;
  return (done, of) => void process.stderr.write(`\r${done} of ${of} transfers${done === of ? '\n' : ''}`);
}

function print(text: string): void {
  process.stdout.write(`${text}\n`);
}
