import type { JsonObject } from '../../domain/json/json-value.ts';
import type { Opinion } from '../../domain/decision.ts';
import { renderRefusal, type Reply } from '../../domain/replies/render-refusal.ts';
import { toCall, toMessage } from '../../domain/item-call.ts';
import type { Question } from './oracle.ts';

/** What the plugin would answer to a refused call. */
export const refusalReply = ({ place, item }: Question, winner: Opinion, sent: JsonObject): Reply => {
  const { server, replies } = place.config.server;
  const call = toCall(item, place.config.server, sent);
  const message = call === undefined ? undefined : toMessage(call);
  return renderRefusal(
    {
      reason: winner.reason ?? 'method_denied',
      detail: winner.detail ?? 'No policy of this gateway allows this request.',
      subject: item.name,
      ...(message === undefined ? {} : { era: message.era }),
      ...(message?.id === undefined ? {} : { id: message.id }),
    },
    { kind: server.kind, options: replies, ...(call === undefined ? {} : { call }) },
  );
};
