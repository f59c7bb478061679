import { Client, SdkHttpError, StreamableHTTPClientTransport, UnauthorizedError } from '@modelcontextprotocol/client';
import { failure, success, type Result } from '../result';
import type { ServerTools } from './ServerTools';

/** Of `tools/list`; the client refuses a list that has more. */
const MAX_PAGES = 100;

/** A catalog entity with more names than this is of no use to anybody. */
const MAX_TOOLS = 5_000;

export interface ListOptions {
  readonly headers: Readonly<Record<string, string>>;
  readonly timeoutSeconds: number;
}

/**
 * Asks a live server for all its tools, page by page, in whichever era it speaks: the client tries 2026-07-28 and falls back
 * to `initialize`. The failure is a sentence that stays the same while the failure does, and holds no secret.
 */
export const listServerTools = async (url: string, options: ListOptions): Promise<Result<ServerTools, string>> => {
  const client = new Client(
    { name: 'backstage-catalog-kong', version: '0.1.0' },
    { capabilities: {}, versionNegotiation: { mode: 'auto' }, listMaxPages: MAX_PAGES },
  );
  const transport = new StreamableHTTPClientTransport(new URL(url), {
    requestInit: { headers: { ...options.headers } },
    // A redirect would take the credential elsewhere.
    fetch: (input, init) => fetch(input, { ...init, redirect: 'error' }),
  });
  try {
    return await withinSeconds(options.timeoutSeconds, () => readTools(client, transport));
  } catch (error) {
    return failure(sentenceOf(error, options.timeoutSeconds));
  } finally {
    await leave(client, transport);
  }
};

const readTools = async (
  client: Client,
  transport: StreamableHTTPClientTransport,
): Promise<Result<ServerTools, string>> => {
  await client.connect(transport);
  const { tools } = await client.listTools();
  if (tools.length > MAX_TOOLS) return failure(`lists more than ${MAX_TOOLS} tools`);
  const info = client.getServerVersion();
  return success({
    toolNames: tools.map(({ name }) => name).sort(),
    serverInfo: {
      name: info?.name ?? 'unknown',
      version: info?.version ?? 'unknown',
      ...(info?.title === undefined ? {} : { title: info.title }),
    },
    era: client.getProtocolEra() ?? 'legacy',
  });
};

class TimedOut extends Error {}

const withinSeconds = async <Value>(seconds: number, act: () => Promise<Value>): Promise<Value> => {
  let timer: NodeJS.Timeout | undefined;
  const tooLate = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new TimedOut()), seconds * 1000);
  });
  try {
    return await Promise.race([act(), tooLate]);
  } finally {
    clearTimeout(timer);
  }
};

/** Ends the session of a legacy server, which would keep it for nobody; a server that is away has none. */
const leave = async (client: Client, transport: StreamableHTTPClientTransport): Promise<void> => {
  if (transport.sessionId !== undefined)
    await withinSeconds(2, () => transport.terminateSession()).catch(() => undefined);
  await client.close().catch(() => undefined);
};

const sentenceOf = (error: unknown, timeoutSeconds: number): string => {
  if (error instanceof TimedOut) return `does not answer within ${timeoutSeconds} s`;
  if (error instanceof UnauthorizedError) return 'refuses the credential of the catalog';
  if (error instanceof SdkHttpError)
    return error.status === 401 || error.status === 403
      ? 'refuses the credential of the catalog'
      : `answers ${error.status}`;
  return isNetworkError(error) ? 'cannot be reached' : 'does not answer as an MCP server';
};

/** `fetch` throws a TypeError for everything between here and the server; clients wrap it. */
const isNetworkError = (error: unknown, depth = 0): boolean =>
  error instanceof Error &&
  ((error instanceof TypeError && error.message === 'fetch failed') ||
    (depth < 5 && isNetworkError(error.cause, depth + 1)));
