import { LineCounter, parseDocument, type Document } from 'yaml';
import { failure, success, type Result } from '../../src/domain/result.ts';
import { collectEntities } from './collect-entities.ts';
import { entityNames, type Entities } from './entities.ts';
import type { ConfigIssue } from './kong-schema.ts';
import { linkEntities } from './link-entities.ts';
import type { PluginSchema } from './plugin-schema.ts';
import { asText } from '../shared/errors.ts';
import { isPlainObject, type Fields } from './process-fields.ts';

export interface ReadOptions {
  readonly plugins: ReadonlyMap<string, PluginSchema>;
  /** Seconds since the epoch. */
  readonly now: number;
}

/** Why a configuration was refused, with every issue; `line` when it came as text. */
export type ConfigIssues = readonly (ConfigIssue & { readonly line?: number })[];

/** Reads the text of a `kong.yml` (YAML or JSON). */
export const readDeclarativeText = (text: string, options: ReadOptions): Result<Entities, ConfigIssues> => {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, uniqueKeys: true });
  if (document.errors.length > 0)
    return failure(
      document.errors.map((error) => ({
        path: [],
        message: firstLine(error.message),
        line: lines.linePos(error.pos[0]).line,
      })),
    );
  const read = readDeclarative(document.toJS(), options);
  return read.ok ? read : failure(read.error.map((issue) => withLine(issue, document, lines)));
};

const formatVersions = ['1.1', '2.1', '3.0'];
const metaFields = new Set(['_format_version', '_transform', '_comment', '_ignore']);

/** Reads a configuration that is already parsed. All issues are listed; never throws. */
export const readDeclarative = (config: unknown, options: ReadOptions): Result<Entities, ConfigIssues> => {
  if (!isPlainObject(config)) return failure([{ path: [], message: 'expected an object' }]);
  const issues: ConfigIssue[] = [...checkRoot(config)];
  const collected = collectEntities(config, { ...options, issues });
  const entities = linkEntities(collected, issues);
  return issues.length === 0 ? success(entities) : failure(issues);
};

const checkRoot = (config: Fields): readonly ConfigIssue[] => {
  const version = config['_format_version'];
  const issues: ConfigIssue[] = [];
  if (version === undefined || version === null)
    issues.push({ path: ['_format_version'], message: 'required field missing' });
  else if (!formatVersions.includes(asText(version)))
    issues.push({ path: ['_format_version'], message: `expected one of: ${formatVersions.join(', ')}` });
  else if (typeof version !== 'string') issues.push({ path: ['_format_version'], message: 'expected a string' });
  for (const key of Object.keys(config))
    if (!metaFields.has(key) && !entityNames.some((name) => name === key))
      issues.push({ path: [key], message: `unknown field (the local gateway knows: ${entityNames.join(', ')})` });
  return issues;
};

const firstLine = (text: string): string => text.split('\n')[0] ?? text;

/** The line of the deepest part of the path that exists. */
const withLine = (issue: ConfigIssue, document: Document, lines: LineCounter): ConfigIssues[number] => {
  for (let length = issue.path.length; length > 0; length -= 1) {
    const path = issue.path.slice(0, length).map((step) => (typeof step === 'number' ? step - 1 : step));
    const node = document.getIn(path, true) as { readonly range?: readonly number[] } | undefined;
    const offset = node?.range?.[0];
    if (offset !== undefined) return { ...issue, line: lines.linePos(offset).line };
  }
  return issue;
};

/** `line 12: services[1].routes[2].paths[1]: should start with: /`. */
export const issueText = ({ path, message, line }: ConfigIssues[number]): string => {
  const place = path
    .filter((step) => step !== '@entity')
    .map((step, index) => (typeof step === 'number' ? `[${step}]` : index === 0 ? step : `.${step}`))
    .join('');
  return `${line === undefined ? '' : `line ${line}: `}${place === '' ? '' : `${place}: `}${message}`;
};
