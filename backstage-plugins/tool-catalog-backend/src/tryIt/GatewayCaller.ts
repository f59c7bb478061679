import { randomBytes } from 'node:crypto';
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import type { TryResult } from '@mcp-governance/backstage-plugin-tool-catalog-common';
import { restRequest, type RestOperation } from './restRequest';

export interface GatewayCall {
  /** Address of the server on the gateway, e.g. `http://127.0.0.1:8000/mcp/orders`. */
  readonly url: string;
  readonly kind: 'mcp' | 'rest';
  readonly tool: string;
  /** REST only. */
  readonly operation?: RestOperation;
  readonly arguments: Readonly<Record<string, unknown>>;
  /** The application's own key: the call is judged, limited and metered as the application's. */
  readonly key: string;
  readonly signal: AbortSignal;
  readonly onProgress: (progress: {
    readonly message: string;
    readonly progress?: number;
    readonly total?: number;
  }) => void;
}

/** Longest try: tools that take longer are for programs, not for a form. */
const TIMEOUT_MS = 120_000;

/** What a form shows; more is cut, and says so. */
const MAX_BODY_BYTES = 1_000_000;

/** Makes one call through the gateway and tells what came of it. Never rejects: a failure is a result. */
export const callThroughGateway = async (call: GatewayCall): Promise<TryResult> => {
  const traceId = randomBytes(16).toString('hex');
  const began = performance.now();
  const headers = { apikey: call.key, traceparent: `00-${traceId}-${randomBytes(8).toString('hex')}-01` };
  try {
    const answer = await (call.kind === 'mcp' ? callTool(call, headers) : callOperation(call, headers));
    return { ...answer, latencyMs: Math.round(performance.now() - began), traceId };
  } catch (error) {
    const status = statusOf(error);
    return {
      outcome: status === undefined || status >= 500 ? 'failed' : 'refused',
      ...(status === undefined ? {} : { status }),
      latencyMs: Math.round(performance.now() - began),
      traceId,
      message: sentenceOf(error).replaceAll(call.key, '[key]'),
    };
  }
};

type Answer = Pick<TryResult, 'outcome' | 'content' | 'status' | 'message'>;

const callTool = async (call: GatewayCall, headers: Record<string, string>): Promise<Answer> => {
  const client = new Client({ name: 'backstage-tool-catalog', version: '0.1.0' });
  try {
    await client.connect(new StreamableHTTPClientTransport(new URL(call.url), { requestInit: { headers } }), {
      signal: call.signal,
      timeout: TIMEOUT_MS,
    });
    const result = await client.callTool(
      { name: call.tool, arguments: call.arguments },
      {
        signal: call.signal,
        timeout: TIMEOUT_MS,
        onprogress: ({ progress, total, message }) =>
          call.onProgress({
            message: message ?? `${progress}${total === undefined ? '' : ` of ${total}`}`,
            progress,
            ...(total === undefined ? {} : { total }),
          }),
      },
    );
    return { outcome: result.isError === true ? 'tool_error' : 'ok', content: result.content, status: 200 };
  } catch (error) {
    // A JSON-RPC error is an answer: the gateway's refusals of hidden tools come this way.
    if (statusOf(error) === undefined && isProtocolError(error))
      return { outcome: 'refused', status: 200, message: sentenceOf(error) };
    throw error;
  } finally {
    await client.close().catch(() => undefined);
  }
};

const callOperation = async (call: GatewayCall, headers: Record<string, string>): Promise<Answer> => {
  if (call.operation === undefined) throw new Error(`The API says nothing about how to call ${call.tool}.`);
  const { url, init } = restRequest(call.url, call.operation, call.arguments);
  const response = await fetch(url, {
    ...init,
    headers: { ...init.headers, ...headers },
    redirect: 'manual',
    signal: AbortSignal.any([call.signal, AbortSignal.timeout(TIMEOUT_MS)]),
  });
  const content = await readBody(response);
  if (response.ok) return { outcome: 'ok', content, status: response.status };
  const isRefusal = [401, 403, 413, 415, 429, 503].includes(response.status);
  return { outcome: isRefusal ? 'refused' : 'tool_error', content, status: response.status };
};

const readBody = async (response: Response): Promise<unknown> => {
  const text = await response.text();
  if (text.length > MAX_BODY_BYTES) return `${text.slice(0, MAX_BODY_BYTES)} ... (cut after 1 MB)`;
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
};

const isProtocolError = (error: unknown): boolean =>
  error instanceof Error && typeof (error as { readonly code?: unknown }).code === 'number';

/** HTTP status of a failed transport, where it has one. */
const statusOf = (error: unknown): number | undefined => {
  const { status } = (error ?? {}) as { readonly status?: unknown };
  return typeof status === 'number' ? status : undefined;
};

const sentenceOf = (error: unknown): string => {
  if (!(error instanceof Error)) return String(error);
  const cause = error.cause instanceof Error ? `: ${error.cause.message}` : '';
  return error.name === 'TimeoutError' ? 'The tool did not answer within two minutes.' : `${error.message}${cause}`;
};
