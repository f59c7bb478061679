export interface McpAnswer {
  /** 0: no HTTP answer came. */
  readonly status: number;
  readonly body: string;
  readonly headers: Headers;
}

export interface McpRequest {
  readonly method?: string;
  readonly params?: object;
  readonly key?: string;
  readonly path?: string;
  readonly id?: number;
  readonly headers?: Readonly<Record<string, string>>;
}

/** One MCP request of the legacy era. */
export const send = async (proxyUrl: string, request: McpRequest): Promise<McpAnswer> => {
  const { method = 'tools/call', params, key = 'key-alice', path = '/mcp', id = 1, headers = {} } = request;
  return post(`${proxyUrl}${path}`, {
    body: JSON.stringify({ jsonrpc: '2.0', id, method, ...(params === undefined ? {} : { params }) }),
    headers: { apikey: key, ...headers },
  });
};

export const callTool = (
  proxyUrl: string,
  tool: string,
  more: Omit<McpRequest, 'method' | 'params'> = {},
): Promise<McpAnswer> => send(proxyUrl, { ...more, params: { name: tool, arguments: {} } });

export const listTools = (proxyUrl: string, more: Omit<McpRequest, 'method'> = {}): Promise<McpAnswer> =>
  send(proxyUrl, { ...more, method: 'tools/list' });

export const post = async (
  url: string,
  { body, headers }: { readonly body: string | Uint8Array; readonly headers: Readonly<Record<string, string>> },
): Promise<McpAnswer> => {
  try {
    const response = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', accept: 'application/json, text/event-stream', ...headers },
      body: body as string,
    });
    return { status: response.status, headers: response.headers, body: await response.text() };
  } catch (error) {
    return { status: 0, headers: new Headers(), body: String(error) };
  }
};

/** The server itself answered the call, and not with a JSON-RPC error of the gateway. */
export const isServed = ({ status, body }: McpAnswer): boolean => status === 200 && body.includes('"result"');
