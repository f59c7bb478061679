import { Buffer } from 'node:buffer';
import { isMap, isScalar, LineCounter, parseDocument, visit, type Document, type ParsedNode } from 'yaml';
import { readJson } from '../domain/json/read-json.ts';
import type { JsonValue } from '../domain/json/json-value.ts';
import { failure, success, type Result } from '../domain/result.ts';
import { readSnapshot } from '../domain/snapshot/read-snapshot.ts';
import type { SnapshotIssue } from '../domain/snapshot/snapshot-issue.ts';
import type { Snapshot } from '../domain/snapshot/snapshot.ts';

/** 100,000 applications with a subscription each, twice over. Sources refuse larger documents before they parse them. */
export const MAX_DOCUMENT_BYTES = 33_554_432;

/** YAML takes 2 us a character and the plugin server answers nothing meanwhile; JSON is read ten times as fast. */
const MAX_YAML_CHARACTERS = 1_048_576;

/** Anchors are for a handful of shared lists; without a bound ten lines can grow to gigabytes. */
const MAX_ALIASES = 100;

/** One wrong bracket makes many. */
const MAX_SYNTAX_ISSUES = 20;

/** As deep as `readSnapshot` reads. */
const MAX_DEPTH = 64;

/** Reads a policy document written in YAML or JSON. Issues of its syntax and of small documents name their line. */
export const parseSnapshot = (text: string): Result<Snapshot, readonly SnapshotIssue[]> => {
  const bytes = Buffer.from(text);
  if (bytes.length > MAX_DOCUMENT_BYTES)
    return refuse(`Has ${bytes.length} bytes; at most ${MAX_DOCUMENT_BYTES} are read.`);
  const json = readJson(bytes, { maxDepth: MAX_DEPTH });
  if (json.ok) return withLines(readSnapshot(json.value.value), text);
  if (json.error.reason === 'too_deep') return refuse(json.error.detail);
  if (text.length > MAX_YAML_CHARACTERS)
    return refuse(
      looksLikeJson(text) ? json.error.detail.replace('body', 'document') : 'Is too long for YAML.',
      looksLikeJson(text) ? undefined : `Write documents of more than ${MAX_YAML_CHARACTERS} characters as JSON.`,
    );
  const yaml = parseYaml(text);
  return yaml.ok ? withLines(readSnapshot(yaml.value), text) : yaml;
};

const refuse = (problem: string, suggestion?: string): Result<never, readonly SnapshotIssue[]> =>
  failure([{ path: '', problem, ...(suggestion === undefined ? {} : { suggestion }) }]);

const looksLikeJson = (text: string): boolean => /^\s*[{[]/.test(text);

interface YamlText {
  readonly document: Document.Parsed;
  readonly lineOf: (offset: number) => number;
}

/** YAML 1.2 with its core schema alone: no tags, no dates, no merge keys; keys are texts. */
const readYaml = (text: string): YamlText => {
  const lines = new LineCounter();
  const document = parseDocument(text, {
    version: '1.2',
    schema: 'core',
    resolveKnownTags: false,
    merge: false,
    stringKeys: true,
    // Its own check compares every key with every other; `repeatedKeys` does not.
    uniqueKeys: false,
    prettyErrors: false,
    lineCounter: lines,
    // Not `silent`, which lets a second document go unnoticed.
    logLevel: 'error',
  });
  return { document, lineOf: (offset) => lines.linePos(offset).line };
};

const parseYaml = (text: string): Result<JsonValue, readonly SnapshotIssue[]> => {
  try {
    const { document, lineOf } = readYaml(text);
    const problems = [
      ...[...document.errors, ...document.warnings].map(({ message, pos }) => ({ message, offset: pos[0] })),
      ...repeatedKeys(document),
    ];
    if (problems.length > 0)
      return failure(
        problems.slice(0, MAX_SYNTAX_ISSUES).map(({ message, offset }) => ({
          path: '',
          problem: `Line ${lineOf(offset)}: ${message.replace(/\.?$/, '.')}`,
        })),
      );
    return success(document.toJS({ maxAliasCount: MAX_ALIASES }) as JsonValue);
  } catch (error) {
    // Too many aliases, or nested so deeply that the parser gave up.
    return refuse(`Cannot be read: ${error instanceof Error ? error.message : String(error)}.`);
  }
};

interface TextProblem {
  readonly message: string;
  readonly offset: number;
}

const repeatedKeys = (document: Document.Parsed): readonly TextProblem[] => {
  const problems: TextProblem[] = [];
  visit(document, {
    Map: (_, map) => {
      const keys = new Set<unknown>();
      for (const { key } of map.items) {
        const value = isScalar(key) ? key.value : key;
        const offset = (key as ParsedNode).range[0];
        if (keys.has(value)) problems.push({ message: `The key ${String(value)} occurs twice in one mapping`, offset });
        keys.add(value);
      }
    },
  });
  return problems;
};

/** Only a refused document is read again for its lines, and only a small one: JSON is YAML too. */
const withLines = (
  read: Result<Snapshot, readonly SnapshotIssue[]>,
  text: string,
): Result<Snapshot, readonly SnapshotIssue[]> => {
  if (read.ok || text.length > MAX_YAML_CHARACTERS) return read;
  const { document, lineOf } = readYaml(text);
  return failure(
    read.error.map((issue) => {
      const offset = issue.path === '' ? undefined : offsetOf(document, keysOf(issue.path));
      return offset === undefined ? issue : { ...issue, problem: `Line ${lineOf(offset)}: ${issue.problem}` };
    }),
  );
};

/** `rules[3].when["odd key"]` as the keys that lead there. */
const keysOf = (path: string): readonly (string | number)[] =>
  [...path.matchAll(/\[(\d+)\]|\.?("(?:[^"\\]|\\.)*"|[A-Za-z0-9_-]+)/g)].map(([, index, key = '']) => {
    if (index !== undefined) return Number(index);
    return key.startsWith('"') ? String(JSON.parse(key)) : key;
  });

/** Where the place begins, or the innermost place around it that is there: something that is missing has no line. */
const offsetOf = (document: Document.Parsed, keys: readonly (string | number)[]): number | undefined => {
  for (let length = keys.length; length > 0; length--) {
    const last = keys[length - 1];
    const parent = length === 1 ? document.contents : document.getIn(keys.slice(0, length - 1), true);
    if (isMap(parent)) {
      const pair = parent.items.find(({ key }) => isScalar(key) && key.value === last);
      if (pair !== undefined) return (pair.key as ParsedNode).range[0];
    }
    const node = document.getIn(keys.slice(0, length), true) as ParsedNode | undefined;
    if (node?.range !== undefined) return node.range?.[0];
  }
  return undefined;
};
