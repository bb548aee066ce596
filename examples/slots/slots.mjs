#!/usr/bin/env node
// The game bank on the command line; README.md tells how to run it.
import { randomUUID } from 'node:crypto';
import { Command, InvalidArgumentError, Option } from 'commander';
import { BankRefused, BankSilent, openBank } from './bank.mjs';
import { nextFreeSpin } from './free-spins.mjs';
import { gameNamed, GAMES } from './games.mjs';
import { textOf } from './money.mjs';
import { payTable, percentText } from './odds.mjs';
import { SpinRefused } from './refusals.mjs';
import { availableOn, findHouse, sitDown } from './seats.mjs';
import { simulate } from './simulate.mjs';
import { Spins } from './spins.mjs';

/** @typedef {{ currency: string, game: string, player: string, bet: string, spins: number, round: string }} PlayOptions */
/** @typedef {{ currency: string, players: number, bet: string, spins: number }} SimulateOptions */

const program = new Command('slots').description('Two slot machines whose money lies in Passbook.');

program
  .command('odds')
  .description('what the games pay, and what they return')
  .action(() => console.log(GAMES.map((game) => `${game.title}\n\n${payTable(game)}`).join('\n\n')));

atBank(program.command('play'))
  .description('spins for one player, who is welcomed with money when new')
  .addOption(new Option('--game <name>', 'one of the two').choices(GAMES.map(({ name }) => name)).makeOptionMandatory())
  .requiredOption('--player <name>', 'whose purse it is')
  .option('--spins <count>', 'one after the other', count, 1)
  .addOption(
    new Option('--round <name>', 'the same one again is the same spins, of which the missing ones are played').default(
      randomUUID(),
      'a new one',
    ),
  )
  .action(play);

atBank(program.command('simulate'))
  .description('many players at once, and whether the books are right afterwards')
  .option('--players <count>', 'who all play at the same time', count, 50)
  .option('--spins <count>', 'of each, one after the other, in both games', count, 20)
  .action(simulateMany);

try {
  await program.parseAsync();
} catch (error) {
  if (![SpinRefused, BankRefused, BankSilent].some((told) => error instanceof told)) throw error;
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}

/** What is asked of whatever needs the bank. @param {Command} command */
function atBank(command) {
  return command
    .option('--currency <code>', 'of house and players', 'CRD')
    .option('--bet <amount>', 'on each line', '0.10')
    .addHelpText(
      'after',
      '\nPASSBOOK_KEY is a key of scope write that is bound to no owner, PASSBOOK_URL where the bank is.',
    );
}

/** @param {PlayOptions} options */
async function play({ currency, game: name, player: owner, bet, spins: times, round }) {
  const game = gameNamed(name);
  if (game === undefined) return;
  const spins = await open(currency);
  const { bank, house } = spins;
  const player = await sitDown(bank, house, owner);
  console.log(`${game.title}, round ${round}`);
  for (let nth = 1; nth <= times; nth++) {
    const spun = await spins.play(player, { spin: `${round}/${nth}`, game, bet });
    const rows = spun.grid
      .map((symbol, cell) => (cell > 0 && cell % game.reels === 0 ? `| ${symbol}` : symbol))
      .join(' ');
    const more = spun.freeSpins > 0 ? ` and ${spun.freeSpins} free spins` : '';
    console.log(`${nth}  ${rows}  bet ${spun.bet}${spun.isFree ? ' (free)' : ''}, win ${spun.win}${more}`);
  }
  const free = await nextFreeSpin(bank, player.freeSpins, house.decimals);
  const purse = await availableOn(bank, player.purse);
  console.log(`${player.name} has ${purse} ${house.currency} and ${free?.left ?? 0} free spins.`);
}

/** @param {SimulateOptions} options */
async function simulateMany({ currency, players, spins: spinsEach, bet }) {
  const spins = await open(currency);
  const { decimals } = spins.house;
  const { played, faults } = await simulate(spins, { players, spinsEach, bet, round: randomUUID() });
  for (const { game, spins: times, refused, staked, won } of played) {
    const returned = staked === 0n ? '' : `, ${percentText({ numerator: won, denominator: staked })}`;
    const money = `${textOf(staked, decimals)} ${currency} staked, ${textOf(won, decimals)} won${returned}`;
    console.log(`${game}: ${times} spins, ${refused} refused; ${money}`);
  }
  console.log(faults.length === 0 ? 'The books are right.' : faults.join('\n'));
  if (faults.length > 0) process.exitCode = 1;
}

/** @param {string} currency */
async function open(currency) {
  const { PASSBOOK_URL: url = 'http://127.0.0.1:3000', PASSBOOK_KEY: key = '' } = process.env;
  const bank = openBank({ url, key });
  return new Spins(bank, await findHouse(bank, currency));
}

/** @param {string} text */
function count(text) {
  if (!/^[1-9]\d{0,5}$/.test(text)) throw new InvalidArgumentError('It must be a whole number from 1.');
  return Number(text);
}
