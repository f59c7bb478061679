import type { EventMessage } from './plugin-contract.ts';

/**
 * What Kong is told when a handler failed. Kong lets a request pass when a plugin's phase ends with `ret` or with an RPC
 * error, so the refusal is a PDK call that makes Kong refuse. It works with and without mcp-guard.
 */
export function closedAnswer(phase: string): EventMessage {
  switch (phase) {
    case 'log':
      return 'ret';
    case 'response':
      return exitCall(502, 'Governance is unavailable: the answer was withheld.');
    default:
      return exitCall(503, 'Governance is unavailable: the request was refused.');
  }
}

const INTERNAL_ERROR = -32603;

function exitCall(status: number, message: string): EventMessage {
  const body = JSON.stringify({ jsonrpc: '2.0', id: null, error: { code: INTERNAL_ERROR, message } });
  return { Method: 'kong.response.exit', Args: [status, body, { 'content-type': 'application/json' }] };
}
