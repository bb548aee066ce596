#!/usr/bin/env node
// The game bank on the command line; README.md tells how to run it.
import { Command } from 'commander';
import { GAMES } from './games.mjs';
import { payTable } from './odds.mjs';

const program = new Command('slots').description('Two slot machines whose money lies in Passbook.');

program
  .command('odds')
  .summary('what the games pay, and what they return')
  .action(() => console.log(GAMES.map((game) => `${game.title}\n\n${payTable(game)}`).join('\n\n')));

await program.parseAsync();
