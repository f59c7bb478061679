import type { CallToolResult } from '@modelcontextprotocol/server';

export function textReply(text: string): CallToolResult {
  return { content: [{ type: 'text', text }] };
}

/** An error that the model should see: `isError`, not a JSON-RPC error. */
export function errorReply(text: string): CallToolResult {
  return { content: [{ type: 'text', text }], isError: true };
}

/** The same data as structured content and, for clients that do not read it, as text. */
export function dataReply(data: Record<string, unknown>): CallToolResult {
  return { content: [{ type: 'text', text: JSON.stringify(data) }], structuredContent: data };
}
