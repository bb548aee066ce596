/** One variable that can't be used. No field ever holds a password: what is built from a secret is masked first. */
export interface Problem {
  /** The variable's name, or several joined by " / " when it is their combination. */
  readonly variable: string;
  /** What it holds, quoted and masked, or "nothing". */
  readonly got: string;
  /** What it may hold instead, as a phrase that follows "takes". */
  readonly takes: string;
}

/** The configuration can't be used; `problems` names everything that is wrong with it at once, and is never empty. */
export class ConfigurationInvalid extends Error {
  override readonly name = 'ConfigurationInvalid';

  constructor(readonly problems: readonly Problem[]) {
    super(linesOf(problems));
  }
}

/** Readable lines for an operator: a headline, then two lines for each problem. */
export function describeProblems(error: ConfigurationInvalid): string {
  return linesOf(error.problems);
}

function linesOf(problems: readonly Problem[]): string {
  const headline =
    problems.length === 1 ? 'The configuration has a problem:' : `The configuration has ${problems.length} problems:`;
  const lines = problems.map(({ variable, got, takes }) => `  ${variable}: got ${got}\n    takes ${takes}`);
  return [headline, ...lines].join('\n');
}
