import { inspect } from 'node:util';

/** A text that does not end up in a log by accident: printing it, in whatever way, prints `[secret]`. */
export class Secret {
  readonly #text: string;

  constructor(text: string) {
    this.#text = text;
  }

  reveal(): string {
    return this.#text;
  }

  toString(): string {
    return '[secret]';
  }

  toJSON(): string {
    return '[secret]';
  }

  [inspect.custom](): string {
    return '[secret]';
  }
}

/** Takes keys out of texts that others wrote, such as an error that quotes a header. */
export const withoutKeys = (text: string): string => text.replace(/\b(?:[sr]k_(?:test|live)|whsec)_[\w*]+/g, '[key]');
