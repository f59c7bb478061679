import { definePolicy, everyKind } from './policy.ts';

/**
 * A resumed stream replays what the server sent, lists included, past the filter (measured on three servers: MCP facts,
 * finding 9). Only a caller for whom no list is ever filtered may resume.
 */
export const resumption = definePolicy({
  name: 'resumption',
  kinds: everyKind,
  view: (_call, { message, access }) => {
    if (!message.isResumed) return { effect: 'none', rule: 'resumption:fresh' };
    if (access.seesEverything) return { effect: 'none', rule: 'resumption:sees-everything' };
    return {
      effect: 'deny',
      rule: 'resumption:filtered-caller',
      reason: 'resume_refused',
      detail: 'Last-Event-ID is not accepted here: send the request again instead of resuming its stream.',
    };
  },
});
