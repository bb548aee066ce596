// `passbook tokens`: the access tokens of banks and the keys that they are kept under.
import { Command } from 'commander';
import { Recorder } from '../changes/recorder.js';
import { SystemClock } from '../common/clock.js';
import { EXIT } from '../common/exit-codes.js';
import { UuidV7Source } from '../common/ids.js';
import { readSettings } from '../config/settings.js';
import { ofEveryOwner } from '../database/scope.js';
import { openDatabase } from '../database/standalone.js';
import { ENTITIES } from '../entities.js';
import { AccessTokens } from '../feeds/tokens/access-tokens.js';
import { EnrollmentsRepository } from '../feeds/stored/enrollments.repository.js';
import { KeyRing } from '../feeds/tokens/key-ring.js';
import { type ResealCounts, TokenReseal } from '../feeds/tokens/token-reseal.js';
import { CommandFailed } from './command-failed.js';

const ABOUT = `Access tokens are kept sealed under the first key of ENCRYPTION_KEYS; all of its keys open them.

To change the key while servers run:
  1. add the new key at the END, everywhere:      ENCRYPTION_KEYS=old:…,new:…
  2. then move it to the FRONT, everywhere:       ENCRYPTION_KEYS=new:…,old:…
  3. with that, bring the tokens under it:        passbook tokens reseal
  4. when it says that all are, take the old key away.

On PostgreSQL the command works beside running servers. On SQLite it needs the store for itself; --dry-run does not.
Interrupted, it is run again and goes on with the rest.`;

const BY_COMMAND = ofEveryOwner('keys are those of the installation', { name: 'passbook tokens', requestId: null });

interface Options {
  dryRun?: boolean;
  json?: boolean;
}

export function tokensCommand(): Command {
  const tokens = new Command('tokens').summary('bring access tokens of banks under a new key').description(ABOUT);
  tokens
    .command('reseal')
    .description('Seals every access token under the first key of ENCRYPTION_KEYS.')
    .option('--dry-run', 'only say how many it would be')
    .option('--json', 'print JSON')
    .action(reseal);
  return tokens;
}

async function reseal({ dryRun = false, json = false }: Options): Promise<void> {
  const settings = readSettings(process.env);
  const [current] = settings.encryptionKeys;
  if (current === undefined) throw new CommandFailed('ENCRYPTION_KEYS names no key to seal under.', EXIT.configuration);
  const opened = await openDatabase(settings, ENTITIES, { serves: !dryRun });
  try {
    const clock = new SystemClock();
    new Recorder(clock, new UuidV7Source(clock)).attach(opened.database);
    const tokens = new AccessTokens(new KeyRing(settings.encryptionKeys));
    const resealing = new TokenReseal(opened.database, new EnrollmentsRepository(), tokens);
    const counts = await resealing.run(BY_COMMAND, { dryRun });
    print(json ? JSON.stringify({ key: current.name, ...counts }) : said(counts, current.name, dryRun));
    if (counts.unreadable.length > 0) throw new CommandFailed(unreadable(counts, json), EXIT.failed);
    if (!dryRun) requireNoneLeft(await resealing.countOld(BY_COMMAND));
  } finally {
    await opened.close();
  }
}

function said({ tokens, resealed, unreadable: lost }: ResealCounts, key: string, dryRun: boolean): string {
  const were = tokens - resealed - lost.length;
  return `${resealed} of ${tokens} access tokens ${dryRun ? 'would be' : 'were'} resealed under the key ${key}; ${were} ${were === 1 ? 'was' : 'were'} under it already.`;
}

function unreadable({ unreadable: lost }: ResealCounts, json: boolean): string {
  const why = json ? '' : `\n${lost.map((one) => `  ${one}`).join('\n')}`;
  return `${lost.length} access tokens cannot be opened: keep every key until they can, or until their enrollments are given anew.${why}`;
}

/** A server that is still told the older key first goes on sealing under it. */
function requireNoneLeft(left: number): void {
  if (left === 0) return;
  throw new CommandFailed(
    `${left} access tokens came under another key meanwhile: a server still seals under it. Move the new key to the front of ENCRYPTION_KEYS everywhere, then run this again.`,
    EXIT.failed,
  );
}

function print(text: string): void {
  process.stdout.write(`${text}\n`);
}
