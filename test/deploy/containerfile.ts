// The Containerfile as its instructions, stage by stage.
export interface Instruction {
  readonly word: string;
  readonly rest: string;
}

export interface Stage {
  readonly name: string | undefined;
  readonly from: string;
  readonly instructions: readonly Instruction[];
}

export interface Containerfile {
  /** Those before the first stage: what bases may be named by. */
  readonly args: Readonly<Record<string, string>>;
  readonly stages: readonly Stage[];
}

export function parseContainerfile(text: string): Containerfile {
  const lines = text.split('\n').filter((line) => !line.trimStart().startsWith('#'));
  const whole = lines
    .join('\n')
    .replaceAll(/\\\n\s*/g, '')
    .split('\n');
  const instructions = whole
    .filter((line) => line.trim() !== '')
    .map((line) => {
      const [, word = '', rest = ''] = /^(\w+)\s+(.*)$/.exec(line.trim()) ?? [];
      return { word, rest };
    });
  const args: Record<string, string> = {};
  const stages: (Stage & { instructions: Instruction[] })[] = [];
  for (const instruction of instructions) {
    const { word, rest } = instruction;
    if (word === 'FROM') {
      const [, from = '', name] = /^(\S+)(?:\s+AS\s+(\S+))?$/.exec(rest) ?? [];
      stages.push({ name, from, instructions: [] });
    } else if (stages.length > 0) stages.at(-1)!.instructions.push(instruction);
    else if (word === 'ARG') args[rest.split('=', 1)[0]!] = rest.slice(rest.indexOf('=') + 1);
  }
  return { args, stages };
}

export function restsOf(stage: Stage, word: string): string[] {
  return stage.instructions.filter((instruction) => instruction.word === word).map(({ rest }) => rest);
}

/** What a COPY takes, from which stage (undefined: from the build's context), and where it puts it. */
export function copiesOf(stage: Stage): { from: string | undefined; sources: string[]; to: string }[] {
  return restsOf(stage, 'COPY').map((rest) => {
    const words = rest.split(/\s+/);
    const from = words.find((word) => word.startsWith('--from='))?.slice('--from='.length);
    const paths = words.filter((word) => !word.startsWith('--'));
    return { from, sources: paths.slice(0, -1), to: paths.at(-1)! };
  });
}

/** Whether a path of the context is left out, by a list that begins with `*` and lets in by name. */
export function isIgnored(path: string, list: string): boolean {
  const lines = list.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  let ignored = false;
  for (const line of lines) {
    const name = line.replace(/^!/, '');
    if (name === '*' || path === name || path.startsWith(`${name}/`)) ignored = !line.startsWith('!');
  }
  return ignored;
}
