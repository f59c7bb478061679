import { definedFields } from '../defined-fields.ts';
import type { InvocationRecord } from './invocation-record.ts';

/** Attribute values as OpenTelemetry logs take them. */
export type TelemetryAttributes = Readonly<Record<string, string | number>>;

/**
 * A record under the names of the OpenTelemetry conventions for MCP (semantic-conventions-genai, docs/gen-ai/mcp.md), for
 * structured logs. What the conventions do not name is under `mcp_governance.`; arguments are left to the record itself.
 */
export const telemetryAttributes = (record: InvocationRecord): TelemetryAttributes =>
  definedFields({
    ...(record.kind === 'operation' || record.kind === 'unread' ? {} : mcpAttributes(record)),
    ...httpAttributes(record),
    'error.type': errorType(record),
    'enduser.id': record.user,
    trace_id: record.traceId,
    'mcp_governance.record.id': record.id,
    'mcp_governance.server': record.server,
    'mcp_governance.kind': record.kind,
    'mcp_governance.decision': record.decision,
    'mcp_governance.reason': record.reason,
    'mcp_governance.policy': record.policy,
    'mcp_governance.rule': record.rule,
    'mcp_governance.outcome': record.outcome,
    'mcp_governance.operation': record.kind === 'operation' ? record.tool : undefined,
    'mcp_governance.tenant': record.tenant,
    'mcp_governance.application': record.application,
    'mcp_governance.consumer': record.consumer,
  });

const mcpAttributes = (record: InvocationRecord) => ({
  'mcp.method.name': record.method,
  'mcp.protocol.version': record.protocolVersion,
  'mcp.session.id': record.session,
  'mcp.resource.uri': record.resource,
  'gen_ai.tool.name': record.tool,
  'gen_ai.prompt.name': record.prompt,
  'gen_ai.operation.name': record.kind === 'tool' ? 'execute_tool' : undefined,
  'jsonrpc.request.id': record.jsonRpcId === undefined ? undefined : String(record.jsonRpcId),
  'rpc.response.status_code': record.errorCode === undefined ? undefined : String(record.errorCode),
});

const httpAttributes = (record: InvocationRecord) => ({
  'http.request.method': record.httpMethod,
  'http.response.status_code': record.status,
  'url.path': record.path,
  'client.address': record.clientIp,
  'user_agent.original': record.userAgent,
});

/** The JSON-RPC code, `tool_error`, the reason of a refusal, or the HTTP status: the most exact that is known. */
const errorType = (record: InvocationRecord): string | undefined => {
  if (record.decision === 'deny') return record.reason ?? 'denied';
  if (record.errorCode !== undefined) return String(record.errorCode);
  if (record.outcome === 'tool_error') return 'tool_error';
  return record.status >= 400 ? String(record.status) : undefined;
};
