import { parseDocument } from 'yaml';
import type { z } from 'zod';
import type { Issue } from '../domain/issue.ts';
import { failure, success, type Result } from '../domain/result.ts';
import { closest } from '../domain/text/closest.ts';
import { fieldNames, priceDocument, type PriceDocument } from './price-document.ts';

/** 20,000 prices with tiers, written generously. */
const MAX_TEXT_LENGTH = 32 * 1_048_576;
/** A document that is wrong everywhere needs no million sentences. */
const MAX_ISSUES = 1_000;

/** Reads YAML or JSON, or lists everything that is wrong with it. */
export const readPriceDocument = (text: string): Result<PriceDocument, readonly Issue[]> => {
  if (text.length > MAX_TEXT_LENGTH)
    return failure([{ path: '', problem: `Has ${text.length} characters; at most ${MAX_TEXT_LENGTH} are read.` }]);
  const document = parseDocument(text, { version: '1.2', uniqueKeys: true, prettyErrors: true });
  if (document.errors.length > 0)
    return failure(
      document.errors.slice(0, MAX_ISSUES).map(({ message, linePos }) => ({
        path: linePos === undefined ? '' : `line ${linePos[0].line}`,
        problem: message.split('\n')[0] ?? message,
      })),
    );
  try {
    return checkPriceDocument(document.toJS({ maxAliasCount: 100 }));
  } catch {
    return failure([{ path: '', problem: 'Has more aliases than a document needs.', suggestion: 'Write them out.' }]);
  }
};

/** The same of a document that is parsed already. Defaults are left to where the rows are made. */
export const checkPriceDocument = (value: unknown): Result<PriceDocument, readonly Issue[]> => {
  const read = priceDocument.safeParse(value);
  return read.success
    ? success(read.data)
    : failure(read.error.issues.slice(0, MAX_ISSUES).flatMap((issue) => toIssues(issue, value)));
};

const toIssues = (issue: z.core.$ZodIssue, document: unknown): readonly Issue[] => {
  const path = pathOf(issue.path);
  switch (issue.code) {
    case 'unrecognized_keys':
      return issue.keys.map((key) => ({
        path: path === '' ? key : `${path}.${key}`,
        problem: 'There is no such field here.',
        ...suggest(closest(key, fieldNames)),
      }));
    case 'invalid_union':
      return [unknownModel(path, valueAt(document, issue.path))];
    case 'invalid_type':
      return [wrongType({ path, expected: issue.expected, value: valueAt(document, issue.path) })];
    case 'invalid_value':
      return [wrongChoice({ path, values: issue.values.map(String), value: valueAt(document, issue.path) })];
    default:
      return [{ path, problem: `${issue.message}.` }];
  }
};

const suggest = (meant: string | undefined): { readonly suggestion?: string } =>
  meant === undefined ? {} : { suggestion: `Did you mean ${meant}?` };

const unknownModel = (path: string, value: unknown): Issue =>
  wrongChoice({ path, values: ['flat', 'package', 'graduated', 'volume'], value });

const wrongChoice = ({
  path,
  values,
  value,
}: {
  readonly path: string;
  readonly values: readonly string[];
  readonly value: unknown;
}): Issue =>
  value === undefined
    ? { path, problem: 'Is missing.', suggestion: `Write one of ${values.join(', ')}.` }
    : {
        path,
        problem: `${show(value)} is not one of ${values.join(', ')}.`,
        ...suggest(typeof value === 'string' ? closest(value, values) : undefined),
      };

const wrongType = ({
  path,
  expected,
  value,
}: {
  readonly path: string;
  readonly expected: string;
  readonly value: unknown;
}): Issue => {
  if (value === undefined) return { path, problem: 'Is missing.' };
  if (expected === 'string' && typeof value === 'number')
    return {
      path,
      problem: 'Must be a text: a number may have lost digits already.',
      suggestion: `Write "${value}" with quotes.`,
    };
  return { path, problem: `Must be ${article(expected)}, not ${show(value)}.` };
};

const article = (expected: string): string => {
  const words: Readonly<Record<string, string>> = {
    int: 'a whole number',
    number: 'a whole number',
    string: 'a text',
    array: 'a list',
    object: 'a mapping',
  };
  return words[expected] ?? expected;
};

const show = (value: unknown): string => {
  const text = JSON.stringify(value);
  return text.length > 64 ? `${text.slice(0, 64)}…` : text;
};

const pathOf = (path: readonly PropertyKey[]): string =>
  path.reduce<string>((before, key) => {
    if (typeof key === 'number') return `${before}[${key}]`;
    return before === '' ? String(key) : `${before}.${String(key)}`;
  }, '');

const valueAt = (document: unknown, path: readonly PropertyKey[]): unknown =>
  path.reduce<unknown>(
    (value, key) =>
      typeof value === 'object' && value !== null ? (value as Readonly<Record<PropertyKey, unknown>>)[key] : undefined,
    document,
  );
