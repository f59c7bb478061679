import { renderRefusal, type Reply } from '../domain/replies/render-refusal.ts';
import type { ServerConfig } from '../domain/server-config.ts';

/** What a caller is told when the gateway itself cannot vouch for a request. Why is for the operator. */
export const unavailableReply = ({ server, replies }: ServerConfig): Reply => {
  const detail = 'Governance is unavailable: the request was refused. Retry later.';
  return renderRefusal({ reason: 'governance_unavailable', detail, id: null }, { kind: server.kind, options: replies });
};

/** What a caller is told in place of a list that cannot be filtered. */
export const unlistedReply: Reply = {
  status: 502,
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify({
    jsonrpc: '2.0',
    id: null,
    error: { code: -32603, message: 'The server sent a list that could not be checked.' },
  }),
};
