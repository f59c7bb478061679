import { renderRefusal, type Reply } from '../domain/replies/render-refusal.ts';
import type { ServerConfig } from '../domain/server-config.ts';

/** What a caller is told when the gateway itself cannot vouch for a request. Why is for the operator. */
export const unavailableReply = ({ server, replies }: ServerConfig): Reply => {
  const detail = 'Governance is unavailable: the request was refused. Retry later.';
  return renderRefusal({ reason: 'governance_unavailable', detail, id: null }, { kind: server.kind, options: replies });
};
