import { definePolicy, everyKind } from './policy.ts';

/** A session belongs to who opened it (MCP 2025-11-25 best practices, Session Hijacking); to others it does not exist. */
export const sessionOwnership = definePolicy({
  name: 'session-ownership',
  kinds: everyKind,
  view: (call, { message, session }) => {
    const none = call.kind === 'session_end' && message.sessionId === undefined;
    if (session === 'foreign' || none)
      return {
        effect: 'deny',
        rule: none ? 'session-ownership:no-session' : 'session-ownership:foreign',
        reason: 'session_denied',
        detail: 'Session not found',
      };
    if (call.kind === 'session_end') return { effect: 'allow', rule: 'session-ownership:own' };
    return { effect: 'none', rule: session === 'owned' ? 'session-ownership:own' : 'session-ownership:no-session' };
  },
});
