import { failure, success, type Result } from '../result.ts';

/**
 * Where things stand in a JSON text, so that parts of it can be cut out while the rest stays as the server wrote it: parsing
 * and writing it again would change 1.0, 1e5 and integers beyond 2^53.
 *
 * Every function here takes a text that `JSON.parse` has accepted; that keeps the scanner small, and nothing recursive.
 */
export interface Span {
  readonly start: number;
  /** Exclusive. */
  readonly end: number;
}

export interface Edit extends Span {
  readonly text: string;
}

export const textOf = (text: string, span: Span): string => text.slice(span.start, span.end);

/** The text's one value without the white space around it. */
export const rootSpan = (text: string): Span => valueAt(text, skipSpace(text, 0));

/**
 * The members of the object at `span`. Keys that are equal, or equal after case and compatibility folding, are refused:
 * two readers of such an object may see two different things (CVE-2026-27896).
 */
export const membersOf = (text: string, span: Span): Result<ReadonlyMap<string, Span>, string> => {
  const members = new Map<string, Span>();
  const folded = new Set<string>();
  let at = skipSpace(text, span.start + 1);
  while (text[at] !== '}') {
    const keySpan = valueAt(text, at);
    const key = stringAt(text, keySpan);
    const value = valueAt(text, skipSpace(text, skipSpace(text, keySpan.end) + 1));
    if (folded.has(fold(key)))
      return failure(`the key ${JSON.stringify(key.slice(0, 64))} appears twice in one object`);
    folded.add(fold(key));
    members.set(key, value);
    at = skipComma(text, value.end);
  }
  return success(members);
};

export const elementsOf = (text: string, span: Span): readonly Span[] => {
  const elements: Span[] = [];
  let at = skipSpace(text, span.start + 1);
  while (text[at] !== ']') {
    const element = valueAt(text, at);
    elements.push(element);
    at = skipComma(text, element.end);
  }
  return elements;
};

/** The text with each span replaced. Edits must not overlap; their order does not matter. */
export const applyEdits = (text: string, edits: readonly Edit[]): string => {
  let edited = '';
  let done = 0;
  for (const edit of edits.toSorted((one, other) => one.start - other.start)) {
    edited += text.slice(done, edit.start) + edit.text;
    done = edit.end;
  }
  return edited + text.slice(done);
};

/** `object`, `array`, `string` or `other`, told by the first character. */
export const kindOf = (text: string, span: Span): 'object' | 'array' | 'string' | 'other' => {
  const first = text[span.start];
  if (first === '{') return 'object';
  if (first === '[') return 'array';
  return first === '"' ? 'string' : 'other';
};

/** The string that the token at `span` stands for, escapes resolved. */
export const stringAt = (text: string, span: Span): string => JSON.parse(textOf(text, span)) as string;

const fold = (key: string): string => key.normalize('NFKC').replaceAll('\0', '').toLowerCase();

const spaces = /[ \t\n\r]*/y;

const skipSpace = (text: string, at: number): number => {
  spaces.lastIndex = at;
  spaces.test(text);
  return spaces.lastIndex;
};

const skipComma = (text: string, at: number): number => {
  const next = skipSpace(text, at);
  return text[next] === ',' ? skipSpace(text, next + 1) : next;
};

const valueAt = (text: string, start: number): Span => {
  const first = text[start];
  if (first === '"') return { start, end: endOfString(text, start) };
  if (first === '{' || first === '[') return { start, end: endOfNested(text, start) };
  return { start, end: endOfLiteral(text, start) };
};

const literal = /[^,\]}\s]*/y;

const endOfLiteral = (text: string, start: number): number => {
  literal.lastIndex = start;
  literal.test(text);
  return literal.lastIndex;
};

/** A quote ends the string unless an odd number of backslashes stands before it. */
const endOfString = (text: string, start: number): number => {
  let quote = text.indexOf('"', start + 1);
  while (isEscaped(text, quote)) quote = text.indexOf('"', quote + 1);
  return quote + 1;
};

const isEscaped = (text: string, at: number): boolean => {
  let first = at;
  while (text[first - 1] === '\\') first -= 1;
  return (at - first) % 2 === 1;
};

/** Counts brackets outside strings: servers send schemas thousands of levels deep, and a count needs no stack. */
const endOfNested = (text: string, start: number): number => {
  const mark = /["[\]{}]/g;
  let depth = 0;
  mark.lastIndex = start;
  for (let found = mark.exec(text); found !== null; found = mark.exec(text)) {
    if (found[0] === '"') mark.lastIndex = endOfString(text, found.index);
    else depth += found[0] === '{' || found[0] === '[' ? 1 : -1;
    if (depth === 0) return mark.lastIndex;
  }
  return text.length;
};
