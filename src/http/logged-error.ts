// What of an error stands in the log. Drivers hang rows, parameters and statements on theirs; none of that is looked at.

export interface LoggedError {
  readonly type: string;
  readonly message: string;
  readonly code?: string;
  readonly stack?: string;
  readonly cause?: LoggedError;
}

/** An error of an error of an error says nothing new. */
const CAUSES_MAX = 4;
/** PostgreSQL's class of errors in data: their messages quote the value that would not do. */
const DATA_ERROR = /^22[0-9A-Z]{3}$/;
/** What Node makes of a rejection by something that is no error: it quotes that. */
const QUOTES_REJECTED = 'ERR_UNHANDLED_REJECTION';
const QUOTED_VALUE = /"(?:[^"\\]|\\.)*"?/gs;

/** Takes whatever was thrown. */
export function loggedError(thrown: unknown, depth = 0): LoggedError {
  const code = codeOf(thrown);
  if (!(thrown instanceof Error) || code === QUOTES_REJECTED)
    return { type: typeof thrown, message: 'something that is no error was thrown' };
  const message = quotesValues(thrown, code) ? withoutValues(thrown.message) : thrown.message;
  // The first line of a stack is the message, which may have several.
  const stack = thrown.stack?.replace(thrown.message, () => message);
  return {
    type: thrown.name,
    message,
    ...(code === undefined ? {} : { code }),
    ...(stack === undefined ? {} : { stack }),
    ...(thrown.cause === undefined || depth === CAUSES_MAX ? {} : { cause: loggedError(thrown.cause, depth + 1) }),
  };
}

function codeOf(thrown: unknown): string | undefined {
  return thrown instanceof Error && 'code' in thrown && typeof thrown.code === 'string' ? thrown.code : undefined;
}

/** Also what is no JSON is quoted where it goes wrong. */
function quotesValues(error: Error, code: string | undefined): boolean {
  return error instanceof SyntaxError || (code !== undefined && DATA_ERROR.test(code));
}

function withoutValues(message: string): string {
  return message.replace(QUOTED_VALUE, '"…"');
}
