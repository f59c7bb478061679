import { Buffer } from 'node:buffer';
import type { Era, ListCall } from '../domain/call.ts';
import { filterList } from '../domain/lists/filter-list.ts';
import { MODERN_VERSION } from '../domain/mcp/protocol-versions.ts';
import { readListResult, type ListedTools } from '../domain/pins/read-definitions.ts';
import { failure, success, type Result } from '../domain/result.ts';
import type { ToolLister, ToolPage } from '../ports/tool-lister.ts';
import { createMcpExchange, type McpExchange, type Received } from './mcp-exchange.ts';

export interface McpToolListerOptions {
  /** Address of the MCP endpoint. */
  readonly url: string;
  /** Told to the server as this client's. */
  readonly version: string;
  /** With the credential, if the server wants one. */
  readonly headers?: Readonly<Record<string, string>>;
  /** For the whole list. */
  readonly timeoutMs?: number;
}

/** A list takes milliseconds; a server that needs longer than this cannot be told from one that hangs. */
const DEFAULT_TIMEOUT_MS = 15_000;

/** The catalog keeps 1,000 tools of a server; servers send some 50 a page. */
const MAX_PAGES = 100;

/** The last revision with sessions. */
const LEGACY_VERSION = '2025-11-25';

const call: ListCall = { kind: 'list', method: 'tools/list', itemKind: 'tool' };

/** Asks in the newest revision first, and in the one before where that is not understood; what worked is asked first next time. */
export const createMcpToolLister = (options: McpToolListerOptions): ToolLister => {
  const client = { name: 'mcp-governance', version: options.version };
  let era: Era = 'modern';
  return {
    list: async () => {
      const exchange = createMcpExchange({
        url: options.url,
        headers: options.headers ?? {},
        signal: AbortSignal.timeout(options.timeoutMs ?? DEFAULT_TIMEOUT_MS),
      });
      try {
        const first = await listIn(era, { exchange, client });
        if (first.ok) return first;
        const other: Era = era === 'modern' ? 'legacy' : 'modern';
        const second = await listIn(other, { exchange, client });
        if (second.ok) era = other;
        return second.ok ? second : first;
      } catch (error) {
        return failure(reasonOf(error));
      }
    },
  };
};

interface Asking {
  readonly exchange: McpExchange;
  readonly client: { readonly name: string; readonly version: string };
}

const listIn = async (era: Era, { exchange, client }: Asking): Promise<Result<readonly ToolPage[], string>> => {
  if (era === 'modern')
    return fetchPages(era, (id, params) => exchange.post(modernRequest(id, { params, client }), modernHeaders));
  const session = await openSession({ exchange, client });
  if (!session.ok) return session;
  try {
    return await fetchPages(era, (id, params) =>
      exchange.post({ jsonrpc: '2.0', id, method: call.method, params }, session.value),
    );
  } finally {
    await exchange.end(session.value);
  }
};

const modernHeaders = { 'mcp-protocol-version': MODERN_VERSION, 'mcp-method': call.method };

const modernRequest = (
  id: number,
  { params, client }: { readonly params: object; readonly client: Asking['client'] },
): object => ({
  jsonrpc: '2.0',
  id,
  method: call.method,
  params: {
    ...params,
    _meta: {
      'io.modelcontextprotocol/protocolVersion': MODERN_VERSION,
      'io.modelcontextprotocol/clientInfo': client,
      'io.modelcontextprotocol/clientCapabilities': {},
    },
  },
});

/** The headers of a session, which has none to name on a server without sessions. */
const openSession = async ({ exchange, client }: Asking): Promise<Result<Readonly<Record<string, string>>, string>> => {
  const params = { protocolVersion: LEGACY_VERSION, capabilities: {}, clientInfo: client };
  const answer = await exchange.post({ jsonrpc: '2.0', id: 0, method: 'initialize', params }, {});
  const version = exchange.resultOf(answer, 0)?.['protocolVersion'];
  if (typeof version !== 'string') return failure(`initialize was answered with HTTP ${answer.status} and no result`);
  const session = answer.headers.get('mcp-session-id');
  const headers = { 'mcp-protocol-version': version, ...(session === null ? {} : { 'mcp-session-id': session }) };
  await exchange.post({ jsonrpc: '2.0', method: 'notifications/initialized' }, headers);
  return success(headers);
};

type FetchPage = (id: number, params: { readonly cursor?: string }) => Promise<Received>;

const fetchPages = async (era: Era, fetchPage: FetchPage): Promise<Result<readonly ToolPage[], string>> => {
  const pages: ToolPage[] = [];
  let cursor: string | undefined;
  while (pages.length < MAX_PAGES) {
    const id = pages.length + 1;
    const page = cursor === undefined ? {} : { cursor };
    const listed = readPage(await fetchPage(id, page), { era, id });
    if (!listed.ok) return listed;
    pages.push({ ...page, listed: listed.value });
    if (listed.value.isLast || listed.value.nextCursor === undefined) return success(pages);
    cursor = listed.value.nextCursor;
  }
  return failure(`the list has more than ${MAX_PAGES} pages`);
};

/** As strictly as a list that passes the gateway. */
const readPage = (
  { status, headers, body }: Received,
  { era, id }: { readonly era: Era; readonly id: number },
): Result<ListedTools, string> => {
  const answer = filterList({
    body: Buffer.from(body),
    contentType: headers.get('content-type') ?? undefined,
    // `fetch` has decoded it.
    contentEncoding: undefined,
    status,
    call,
    era,
    id,
    mayUse: () => true,
  });
  if (!answer.ok) return failure(`tools/list was answered with HTTP ${status}: ${answer.error.why}`);
  if (answer.value.result === undefined) return failure(`tools/list was answered with HTTP ${status} and an error`);
  return readListResult(answer.value.result);
};

/** `fetch` hides the reason in its cause; neither names the headers. */
const reasonOf = (error: unknown): string => {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  if (!(cause instanceof Error)) return 'the server could not be asked';
  if (cause.name === 'TimeoutError') return 'the server did not answer in time';
  return 'code' in cause && typeof cause.code === 'string' ? cause.code : cause.message;
};
