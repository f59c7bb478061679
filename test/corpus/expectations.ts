import type { Reason } from '../../kong-plugin/src/domain/reason.ts';
import type { Expectation } from './case.ts';

type JsonRpcId = string | number | null;

/** Refused by the reader: what the request is cannot be vouched for, so that no rule is asked. */
export const unread = (
  reason: Reason,
  wire: { readonly status: number; readonly code: number; readonly id?: JsonRpcId },
): Expectation => ({
  decision: 'deny',
  reason,
  rule: `request:${reason}`,
  kind: 'unread',
  status: wire.status,
  body: { including: { jsonrpc: '2.0', id: wire.id ?? null, error: { code: wire.code, data: { reason } } } },
  reachesServer: false,
});

/** 400 with -32600, the form of most unreadable messages. */
export const invalid = (reason: Reason, id: JsonRpcId = null): Expectation =>
  unread(reason, { status: 400, code: -32600, id });

/** A name that no server may read in two ways: 200, so that a model reads why. */
export const invalidName = (id: JsonRpcId = 7): Expectation =>
  unread('invalid_name', { status: 200, code: -32602, id });

/** The answer of a server that has no such tool: nothing in it tells that the tool exists. */
export const unknownTool = (
  tool: string,
  options: { readonly rule?: string; readonly id?: JsonRpcId } = {},
): Expectation => ({
  decision: 'deny',
  reason: 'tool_denied',
  rule: options.rule ?? 'tool-access:no-rule-allows',
  kind: 'tool',
  tool,
  status: 200,
  body: {
    exactly: { jsonrpc: '2.0', id: options.id ?? 7, error: { code: -32602, message: `Unknown tool: ${tool}` } },
  },
  reachesServer: false,
});

/** `delete_order` in whatever disguise, read as what it is. */
export const deleteDenied: Expectation = unknownTool('delete_order', { rule: 'nobody-deletes' });

/** Refused by a policy, with the reply given in full. */
export const deniedBy = (
  reason: Reason,
  denied: {
    readonly rule: string;
    readonly kind: string;
    readonly status: number;
    readonly code: number;
    readonly message: string;
    readonly id?: JsonRpcId;
    readonly data?: object;
  },
): Expectation => ({
  decision: 'deny',
  reason,
  rule: denied.rule,
  kind: denied.kind,
  status: denied.status,
  body: {
    exactly: {
      jsonrpc: '2.0',
      id: denied.id === undefined ? 7 : denied.id,
      error: {
        code: denied.code,
        message: denied.message,
        ...(denied.data === undefined ? {} : { data: denied.data }),
      },
    },
  },
  reachesServer: false,
});

export const allowedTool = (tool: string, rule: string, more: Partial<Expectation> = {}): Expectation => ({
  decision: 'allow',
  rule,
  kind: 'tool',
  tool,
  status: 200,
  reachesServer: true,
  ...more,
});

export const passes = (kind: string, rule: string, more: Partial<Expectation> = {}): Expectation => ({
  decision: 'allow',
  rule,
  kind,
  status: 200,
  reachesServer: true,
  ...more,
});

/** A problem document of the REST API. */
export const problem = (
  reason: Reason,
  refused: {
    readonly status: number;
    readonly rule?: string;
    readonly tool?: string;
  },
): Expectation => ({
  decision: 'deny',
  reason,
  rule: refused.rule ?? `request:${reason}`,
  kind: refused.tool === undefined ? 'unread' : 'operation',
  ...(refused.tool === undefined ? {} : { tool: refused.tool }),
  status: refused.status,
  body: { including: { status: refused.status, reason, type: `urn:mcp-governance:reason:${reason}` } },
  reachesServer: false,
});

/** Nobody was authenticated. At the gateway Kong's key-auth says so first, in its own words. */
export const unauthenticated = (kind: string, tool?: string): Expectation => ({
  decision: 'deny',
  reason: 'unauthenticated',
  rule: 'authentication:required',
  kind,
  ...(tool === undefined ? {} : { tool }),
  status: 401,
  reachesServer: false,
});
