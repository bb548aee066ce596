import { inspect } from 'node:util';

export const MASK = '****';

/**
 * A text that must not be printed: `reveal()` is the only way to it. Template strings, JSON and `util.inspect`
 * (hence `console.log` and loggers) show the mask, because the text lies in a private field.
 */
export class Secret {
  readonly #text: string;

  constructor(text: string) {
    this.#text = text;
  }

  reveal(): string {
    return this.#text;
  }

  toString(): string {
    return MASK;
  }

  toJSON(): string {
    return MASK;
  }

  [inspect.custom](): string {
    return MASK;
  }
}
