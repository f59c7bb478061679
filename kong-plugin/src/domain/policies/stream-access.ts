import { definePolicy } from './policy.ts';

/** GET streams of the legacy era. 405 is the only answer that both SDKs take silently. */
export const streamAccess = definePolicy({
  name: 'stream-access',
  kinds: ['stream'],
  view: (_call, { config }) =>
    config.mcp.getStreams === 'allow'
      ? { effect: 'allow', rule: 'stream-access:enabled' }
      : {
          effect: 'deny',
          rule: 'stream-access:disabled',
          reason: 'method_not_allowed',
          detail: 'This server opens no GET streams: use POST.',
        },
});
