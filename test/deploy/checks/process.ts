// What is asked of a process of ours and of a file, wherever they are described: compose, Render, Elastic Beanstalk.
import { parse } from 'yaml';
import { problemOfCommand } from '../commands.js';
import { type Finding, leavesOf } from '../kube.js';
import { judgeEnvironment } from '../settings.js';
import { holdsSecret } from './security.js';

/** What is judged of any process of ours. */
interface Process {
  readonly file: string;
  readonly path: string;
  readonly command: readonly string[];
  readonly variables: Readonly<Record<string, string | number>>;
  /** Seconds between the request to end and the end by force. */
  readonly graceSeconds?: number;
}

/** `${NAME}` and `${NAME:?message}` come from elsewhere: a text without meaning stands for them. */
const FROM_ELSEWHERE = /\$\{\w+(?::\?[^}]*)?\}/g;
/** The entry that serves. */
export const SERVER = 'dist/src/main.js';

export function judgeProcess({ file, path, command, variables, graceSeconds }: Process): Finding[] {
  const finding = (field: string, problem: string): Finding => ({ object: file, path: `${path}.${field}`, problem });
  const filled = Object.entries(variables).map(
    ([name, value]) => [name, String(value).replaceAll(FROM_ELSEWHERE, 'x')] as const,
  );
  const { settings, problems } = judgeEnvironment(Object.fromEntries(filled));
  const wrong = problemOfCommand(command);
  const stopping = settings === undefined ? 0 : (settings.shutdownDelayMs + settings.shutdownGraceMs) / 1_000;
  const isTooShort = command.includes(SERVER) && graceSeconds !== undefined && graceSeconds <= stopping;
  return [
    ...(wrong === undefined ? [] : [finding('command', wrong)]),
    ...problems.map((problem) => finding('environment', problem)),
    ...(settings?.isProduction === false ? [finding('environment', 'does not say production')] : []),
    ...(settings?.store.engine === 'sqlite' ? [finding('environment', 'names no PostgreSQL')] : []),
    ...(isTooShort ? [finding('grace', `${graceSeconds} s, where stopping takes up to ${stopping} s`)] : []),
  ];
}

/** Any text of a file that gives something away. */
export function checkGivenAway(file: string, text: string): Finding[] {
  return [...leavesOf(parse(text, { merge: true }))]
    .map(({ path, value }) => ({ path, value: String(value) }))
    .filter(({ path, value }) => holdsSecret(path.split('.').at(-1)!, value))
    .map(({ path }) => ({ object: file, path, problem: 'is a secret' }));
}
