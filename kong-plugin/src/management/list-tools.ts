import { Buffer } from 'node:buffer';
import type { PinnedTool, PinState } from '../domain/pins/pinned-tool.ts';
import { failure, success, type Result } from '../domain/result.ts';
import { presentSummary } from './present-tool.ts';

interface Query {
  readonly server?: string;
  readonly state?: PinState;
  readonly limit: number;
  /** The last tool of the page before. */
  readonly after?: Position;
}

type Position = readonly [server: string, tool: string];

const DEFAULT_LIMIT = 100;
const MAX_LIMIT = 500;

const states: readonly PinState[] = ['new', 'approved', 'changed', 'withdrawn'];
const parameterNames = new Set(['server', 'state', 'limit', 'cursor']);

/** A misspelt filter would show everything: it is refused. */
export const readQuery = (text: string): Result<Query, string> => {
  const parameters = new URLSearchParams(text);
  const names = [...parameters.keys()];
  const unknown = names.find((name) => !parameterNames.has(name));
  if (unknown !== undefined) return failure(`There is no parameter ${JSON.stringify(unknown.slice(0, 64))}.`);
  if (new Set(names).size < names.length) return failure('Give each parameter once.');
  const [server, cursor] = [parameters.get('server'), parameters.get('cursor')];
  const wanted = parameters.get('state');
  const state = states.find((each) => each === wanted);
  if (wanted !== null && state === undefined) return failure(`state is one of ${states.join(', ')}.`);
  const limit = parameters.get('limit') ?? String(DEFAULT_LIMIT);
  if (!/^[1-9]\d{0,2}$/.test(limit) || Number(limit) > MAX_LIMIT) return failure(`limit is from 1 to ${MAX_LIMIT}.`);
  const after = cursor === null ? undefined : readCursor(cursor);
  if (cursor !== null && after === undefined) return failure('cursor is not one that this server gave.');
  return success({
    limit: Number(limit),
    ...(server === null ? {} : { server }),
    ...(state === undefined ? {} : { state }),
    ...(after === undefined ? {} : { after }),
  });
};

/** Pages follow names, not numbers: what is approved or added between two pages shifts nothing. */
export const listTools = (
  tools: readonly PinnedTool[],
  { state, limit, after }: Query,
): Readonly<Record<string, unknown>> => {
  const found = tools.filter(
    (tool) => (state === undefined || tool.state === state) && (after === undefined || isAfter(tool, after)),
  );
  const page = found.slice(0, limit);
  const last = page.at(-1);
  return {
    items: page.map(presentSummary),
    ...(last === undefined || found.length <= limit ? {} : { nextCursor: writeCursor([last.server, last.tool]) }),
  };
};

const isAfter = (tool: PinnedTool, [server, name]: Position): boolean =>
  tool.server > server || (tool.server === server && tool.tool > name);

const writeCursor = (position: Position): string => Buffer.from(JSON.stringify(position)).toString('base64url');

const readCursor = (cursor: string): Position | undefined => {
  try {
    const value: unknown = JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8'));
    if (!Array.isArray(value) || value.length !== 2) return undefined;
    const [server, tool] = value as readonly unknown[];
    return typeof server === 'string' && typeof tool === 'string' ? [server, tool] : undefined;
  } catch {
    return undefined;
  }
};
