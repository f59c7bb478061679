import type { ServerResponse } from 'node:http';
import { sendJson, startHttpDouble, type HttpDouble } from './startHttpDouble';

export interface McpDouble extends HttpDouble {
  toolNames: string[];
  /** Answers this HTTP status to everything instead, until it is unset. */
  failWith: number | undefined;
}

interface Message {
  readonly id?: number | string;
  readonly method: string;
  readonly params?: { readonly cursor?: string };
}

/** Tools of one page of `tools/list`. */
const PAGE = 2;

/** A server of one era whose list of tools has pages of two. */
export const startMcpDouble = async (era: 'legacy' | 'modern', toolNames: string[]): Promise<McpDouble> => {
  const state: { toolNames: string[]; failWith: number | undefined } = { toolNames, failWith: undefined };
  const double = await startHttpDouble((request, response, body) => {
    if (state.failWith !== undefined) return sendJson(response, {}, state.failWith);
    if (request.method !== 'POST') return sendJson(response, {}, 405);
    const message = JSON.parse(body) as Message;
    if (message.id === undefined) return sendJson(response, undefined, 202);
    return answer(message, { response, era, toolNames: state.toolNames });
  });
  return Object.defineProperties(double, {
    toolNames: { get: () => state.toolNames, set: (names: string[]) => void (state.toolNames = names) },
    failWith: { get: () => state.failWith, set: (status?: number) => void (state.failWith = status) },
  }) as McpDouble;
};

interface Context {
  readonly response: ServerResponse;
  readonly era: 'legacy' | 'modern';
  readonly toolNames: readonly string[];
}

const serverInfo = { name: 'double', version: '1.2.3', title: 'A double' };

const answer = ({ id, method, params }: Message, { response, era, toolNames }: Context): void => {
  const reply = (result: object): void =>
    sendJson(response, {
      jsonrpc: '2.0',
      id,
      result: era === 'modern' ? { resultType: 'complete', ...result } : result,
    });
  if (era === 'modern' && method === 'server/discover')
    return reply({
      supportedVersions: ['2026-07-28'],
      capabilities: { tools: {} },
      ttlMs: 0,
      cacheScope: 'private',
      _meta: { 'io.modelcontextprotocol/serverInfo': serverInfo },
      serverInfo,
    });
  if (era === 'legacy' && method === 'initialize')
    return reply({ protocolVersion: '2025-06-18', capabilities: { tools: {} }, serverInfo });
  if (method !== 'tools/list')
    return sendJson(response, { jsonrpc: '2.0', id, error: { code: -32601, message: 'Method not found' } }, 404);
  const start = Number(params?.cursor ?? 0);
  const isLast = start + PAGE >= toolNames.length;
  return reply({
    tools: toolNames.slice(start, start + PAGE).map((name) => ({ name, inputSchema: { type: 'object' } })),
    ...(isLast ? {} : { nextCursor: String(start + PAGE) }),
    ...(era === 'modern' ? { ttlMs: 0, cacheScope: 'private' } : {}),
  });
};
