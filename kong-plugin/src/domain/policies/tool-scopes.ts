import { toolScopesMissing } from '../identity/token-scopes.ts';
import { mayUseItem } from './may-use.ts';
import { definePolicy } from './policy.ts';

/**
 * Rules say "may never", scopes say "may after consent": only a tool that the rules allow is worth a step-up, or the
 * challenge would tell about hidden tools and send people to a consent that does not help.
 */
export const toolScopes = definePolicy({
  name: 'tool-scopes',
  kinds: ['tool', 'operation'],
  view: ({ name }, input) => {
    const { caller, config, situation } = input;
    const missing = config.oauth === undefined ? [] : toolScopesMissing(config.oauth, { tool: name, caller });
    if (missing.length === 0) return { effect: 'none', rule: 'tool-scopes:sufficient' };
    if (!mayUseItem(input, { kind: 'tool', name, situation }))
      return { effect: 'none', rule: 'tool-scopes:not-allowed' };
    return {
      effect: 'deny',
      rule: 'tool-scopes:missing',
      reason: 'insufficient_scope',
      detail: `The token lacks a scope that ${name} needs: ${missing.join(' ')}`,
    };
  },
});
