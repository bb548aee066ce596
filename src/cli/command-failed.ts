// A command's own "no": one line for people, one exit code for scripts.
import { type ExitCode } from '../common/exit-codes.js';

export class CommandFailed extends Error {
  constructor(
    message: string,
    readonly exitCode: ExitCode,
  ) {
    super(message);
    this.name = 'CommandFailed';
  }
}
