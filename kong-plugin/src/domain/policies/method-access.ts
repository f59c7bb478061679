import { definePolicy } from './policy.ts';

/** Methods that only servers may send, and methods that this version does not know. */
export const methodAccess = definePolicy({
  name: 'method-access',
  kinds: ['server_only', 'unknown'],
  view: (call, { config }) => {
    if (call.kind === 'unknown' && config.mcp.unknownMethods === 'allow')
      return { effect: 'allow', rule: 'method-access:unknown-allowed' };
    return {
      effect: 'deny',
      rule: call.kind === 'server_only' ? 'method-access:server-only' : 'method-access:unknown',
      reason: 'method_denied',
      detail: `Method not found: ${call.method}`,
    };
  },
});
