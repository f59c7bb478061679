import type { EntityName } from '../declarative-config/entities.ts';
import type { ConfigIssues } from '../declarative-config/read-declarative.ts';
import { issueText } from '../declarative-config/read-declarative.ts';

export interface AdminAnswer {
  readonly status: number;
  readonly content: unknown;
}

/** Kong's error codes (kong/db/errors.lua). */
const INVALID_OFFSET = 7;
const INVALID_SIZE = 9;
const INVALID_OPTIONS = 11;
const OPERATION_UNSUPPORTED = 12;
const DECLARATIVE_CONFIG = 14;

export const adminErrors = {
  notFound: { status: 404, content: { message: 'Not found' } },
  methodNotAllowed: { status: 405, content: { message: 'Method not allowed' } },
  /** Every change of an entity: Kong without a database takes only `POST /config`. */
  unsupported: (operation: string, entity: EntityName): AdminAnswer => ({
    status: 405,
    content: {
      code: OPERATION_UNSUPPORTED,
      name: 'operation unsupported',
      message: `cannot ${operation} '${entity}' entities when not using a database`,
    },
  }),
  invalidSize: (message: string): AdminAnswer => ({
    status: 400,
    content: { code: INVALID_SIZE, name: 'invalid size', message },
  }),
  invalidOffset: (offset: string): AdminAnswer => ({
    status: 400,
    content: {
      code: INVALID_OFFSET,
      name: 'invalid offset',
      message: `'${offset}' is not a valid offset: bad base64 encoding`,
    },
  }),
  invalidTags: (problem: string): AdminAnswer => ({
    status: 400,
    content: {
      code: INVALID_OPTIONS,
      name: 'invalid options',
      message: `invalid option (tags: ${problem})`,
      options: { tags: problem },
    },
  }),
  declarativeConfig: (issues: ConfigIssues): AdminAnswer => ({
    status: 400,
    content: {
      code: DECLARATIVE_CONFIG,
      name: 'invalid declarative configuration',
      message: `declarative config is invalid: ${issues.map(issueText).join('; ')}`,
      fields: toTree(issues),
    },
  }),
} as const;

type Tree = { [key: string]: Tree | string | Tree[] };

/** Kong's nested errors: lists have null where an entry is right. */
const toTree = (issues: ConfigIssues): unknown => {
  const root: Tree = {};
  for (const { path, message } of issues) {
    const steps = path.length === 0 ? ['error'] : path.map(String);
    let node = root;
    for (const step of steps.slice(0, -1)) {
      const next = node[step];
      node = typeof next === 'object' && !Array.isArray(next) ? next : (node[step] = {});
    }
    const last = steps[steps.length - 1] ?? 'error';
    node[last] ??= message;
  }
  return toLists(root);
};

const toLists = (node: Tree | string | Tree[]): unknown => {
  if (typeof node === 'string' || Array.isArray(node)) return node;
  const keys = Object.keys(node);
  if (keys.length === 0 || !keys.every((key) => /^\d+$/.test(key)))
    return Object.fromEntries(keys.map((key) => [key, toLists(node[key] ?? '')]));
  const list: unknown[] = Array.from({ length: Math.max(...keys.map(Number)) }, () => null);
  for (const key of keys) list[Number(key) - 1] = toLists(node[key] ?? '');
  return list;
};
