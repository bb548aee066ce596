// What Nest and everybody with a Nest `Logger` says, as lines of the one log; without Nest's chatter about how it put itself together.
import { type LoggerService } from '@nestjs/common';
import { type Log } from './logger.js';
import { loggedError } from './logged-error.js';

const CHATTER = new Set(['InstanceLoader', 'RoutesResolver', 'RouterExplorer', 'NestFactory', 'NestApplication']);
const STACK = /\n\s+at /;

/** An error that somebody called a fault of the service, whatever the log's own level. */
export interface LoggedFault {
  readonly err: unknown;
  readonly text: string;
  /** Which part of the service logged it. */
  readonly part?: string;
  readonly requestId?: string;
  /** `GET /v1/accounts/:id` */
  readonly route?: string;
}

type Level = 'fatal' | 'error' | 'warn' | 'info' | 'debug' | 'trace';

/**
 * Takes a line as Nest's own code says it, `log.error('text', stack)`, with an error, `log.error('text', error)`, and with
 * fields of its own, `log.warn({ requestId }, 'text')`.
 */
export class NestLog implements LoggerService {
  /** @param tellFault told of each error that is logged as one, beside the log. */
  constructor(
    private readonly lines: Log,
    private readonly tellFault: (fault: LoggedFault) => void = () => undefined,
  ) {}

  fatal(...said: unknown[]): void {
    this.write('fatal', said);
  }

  error(...said: unknown[]): void {
    this.write('error', said);
  }

  warn(...said: unknown[]): void {
    this.write('warn', said);
  }

  log(...said: unknown[]): void {
    if (!CHATTER.has(String(said.at(-1)))) this.write('info', said);
  }

  debug(...said: unknown[]): void {
    this.write('debug', said);
  }

  verbose(...said: unknown[]): void {
    this.write('trace', said);
  }

  private write(level: Level, said: readonly unknown[]): void {
    const mayBeFault = level === 'error' || level === 'fatal';
    if (!mayBeFault && !this.lines.isLevelEnabled(level)) return;
    const { fields, text } = lineOf(said);
    if (mayBeFault && 'err' in fields) this.tellFault(faultOf(fields, text));
    this.lines[level](fields, text);
  }
}

function faultOf({ err, context, requestId, route }: Record<string, unknown>, text: string): LoggedFault {
  return {
    err,
    text,
    ...(typeof context === 'string' ? { part: context } : {}),
    ...(typeof requestId === 'string' ? { requestId } : {}),
    ...(typeof route === 'string' ? { route } : {}),
  };
}

/** `Logger` puts its context last. */
function lineOf([first, ...rest]: readonly unknown[]): { fields: Record<string, unknown>; text: string } {
  const last = rest.at(-1);
  const hasContext = typeof last === 'string' && !STACK.test(last);
  const others = hasContext ? rest.slice(0, -1) : rest;
  const error = [first, ...others].find((one) => one instanceof Error);
  const stack = others.find((one) => typeof one === 'string' && STACK.test(one));
  const isFields = typeof first === 'object' && first !== null && !(first instanceof Error);
  const texts = (isFields ? others : [first, ...others]).filter((one) => typeof one === 'string' && one !== stack);
  return {
    fields: {
      ...(hasContext ? { context: last } : {}),
      ...(isFields ? first : {}),
      ...(error === undefined ? {} : { err: error }),
      ...(stack === undefined ? {} : { stack }),
    },
    text: texts.length > 0 ? texts.join(' ') : error === undefined ? '' : loggedError(error).message,
  };
}
