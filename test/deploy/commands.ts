// Command lines of ours, held against the program: entry points that are built, verbs and options that exist.
import { existsSync } from 'node:fs';
import { type Command } from 'commander';
import { migrateCommand } from '../../src/cli/migrate.command.js';
import { passbookCommand } from '../../src/cli/passbook.command.js';
import { ROOT } from './kube.js';

/** Undefined when the program would understand it. Words that are no program of ours are a problem, too. */
export function problemOfCommand(words: readonly string[]): string | undefined {
  const [program, ...rest] = words;
  if (program === 'passbook') return problemWithin(passbookCommand(), rest);
  const [entry = '', ...args] = rest;
  const source = /^dist\/(src\/.+)\.js$/.exec(entry)?.[1];
  if (program !== 'node' || source === undefined) return `${words.join(' ')} is no command of ours`;
  if (!existsSync(`${ROOT}${source}.ts`)) return `${entry} is not built from anything`;
  if (entry === 'dist/src/migrate.js') return problemWithin(migrateCommand(), args);
  if (entry === 'dist/src/cli/passbook.js') return problemWithin(passbookCommand(), args);
  return args.length === 0 ? undefined : `${entry} takes nothing`;
}

function problemWithin(command: Command, words: readonly string[]): string | undefined {
  const [word, ...rest] = words;
  if (word === undefined) return command.commands.length > 0 ? `${command.name()} does nothing by itself` : undefined;
  const verb = command.commands.find((one) => one.name() === word);
  if (verb !== undefined) return problemWithin(verb, rest);
  const flag = word.split('=', 1)[0]!;
  const option = command.options.find(({ long, short }) => long === flag || short === flag);
  if (option !== undefined) {
    const takesNext = (option.required || option.optional) && !word.includes('=');
    return problemOfRest(command, takesNext ? rest.slice(1) : rest);
  }
  if (command.registeredArguments.length > 0 && !word.startsWith('-')) return problemOfRest(command, rest);
  return `${command.name()} knows no ${word}`;
}

/** After an option or an argument no verb follows, and nothing at all may be the end. */
function problemOfRest(command: Command, words: readonly string[]): string | undefined {
  return words.length === 0 ? undefined : problemWithin(command, words);
}
