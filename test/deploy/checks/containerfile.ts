// The image holds the program and what it runs on, and nothing that it was made with.
import { problemOfCommand } from '../commands.js';
import { type Containerfile, copiesOf, isIgnored, restsOf, type Stage } from '../containerfile.js';
import { type Finding } from '../kube.js';
import { isServed } from './probes.js';
import { holdsSecret } from './security.js';

/** Of the context, beside what the stages make. */
const IN_THE_IMAGE = new Set(['package.json', 'node_modules', 'bin', 'dist']);

export function checkContainerfile({ args, stages }: Containerfile, ignored: string): Finding[] {
  const last = stages.at(-1)!;
  const finding = (path: string, problem: string): Finding => ({ object: 'Containerfile', path, problem });
  return [
    ...stages
      .filter(({ from }) => !/^\$\{\w+\}$/.test(from) || args[from.slice(2, -1)] === undefined)
      .map(({ from }) => finding('FROM', `${from} cannot be replaced by an argument`)),
    ...checkImage(last).map(([path, problem]) => finding(path, problem)),
    ...checkCopies(last, stages).map((problem) => finding('COPY', problem)),
    ...stages.flatMap((stage) =>
      copiesOf(stage)
        .filter(({ from }) => from === undefined)
        .flatMap(({ sources }) => sources)
        .filter((source) => isIgnored(source.replace(/^\.\//, ''), ignored))
        .map((source) => finding('COPY', `${source} is ignored`)),
    ),
    ...stages
      .flatMap((stage) => [...restsOf(stage, 'ENV'), ...restsOf(stage, 'ARG')])
      .filter((rest) => holdsSecret(rest.split('=', 1)[0]!, rest.slice(rest.indexOf('=') + 1)))
      .map((rest) => finding('ENV', `${rest.split('=', 1)[0]!} is a secret`)),
  ];
}

function checkImage(last: Stage): [string, string][] {
  const problems: [string, string][] = [];
  const [user] = restsOf(last, 'USER');
  if (!/^[1-9]\d*:[1-9]\d*$/.test(user ?? '')) problems.push(['USER', 'is no number, or root']);
  if (restsOf(last, 'STOPSIGNAL')[0] !== 'SIGTERM')
    problems.push(['STOPSIGNAL', 'is not the one the server listens to']);
  if (restsOf(last, 'RUN').length > 0) problems.push(['RUN', 'makes something in the final image']);
  const [command = ''] = restsOf(last, 'CMD');
  if (!command.startsWith('[')) problems.push(['CMD', 'runs in a shell, which keeps signals to itself']);
  else {
    const problem = problemOfCommand(JSON.parse(command) as string[]);
    if (problem !== undefined) problems.push(['CMD', problem]);
  }
  const path = /'(\/\w+)'/.exec(restsOf(last, 'HEALTHCHECK')[0] ?? '')?.[1] ?? '';
  if (!isServed(path)) problems.push(['HEALTHCHECK', `asks for ${path}, which is not served`]);
  const labels = restsOf(last, 'LABEL').join(' ');
  for (const label of ['title', 'description', 'version', 'revision'])
    if (!labels.includes(`org.opencontainers.image.${label}=`)) problems.push(['LABEL', `${label} is missing`]);
  return problems;
}

function checkCopies(last: Stage, stages: readonly Stage[]): string[] {
  return copiesOf(last).flatMap(({ from, sources }) => {
    const stage = stages.find(({ name }) => name === from);
    if (from !== undefined && stage === undefined) return [`there is no stage ${from}`];
    const names = sources.map((source) => source.split('/').at(-1)!);
    const installs = stage === undefined ? [] : restsOf(stage, 'RUN').filter((run) => run.includes('npm ci'));
    const leavesOut = installs.every((run) => run.includes('--omit=dev'));
    return [
      ...names.filter((name) => !IN_THE_IMAGE.has(name)).map((name) => `${name} is not for the image`),
      ...(names.includes('node_modules') && (installs.length === 0 || !leavesOut)
        ? ['node_modules with what is for development']
        : []),
    ];
  });
}
