import { viewItem } from './item-view.ts';
import { definePolicy } from './policy.ts';

/**
 * Suggestions tell what exists, so they follow the prompt or resource they complete for (completion.mdx, Security).
 * A URI with a `{` is a template, which servers look up as it is written.
 */
export const completionAccess = definePolicy({
  name: 'completion-access',
  kinds: ['completion'],
  view: ({ reference }, input) => {
    const name = reference.kind === 'prompt' ? reference.name : reference.uri;
    return viewItem(input, {
      policy: 'completion-access',
      kind: reference.kind === 'resource' && name.includes('{') ? 'resourceTemplate' : reference.kind,
      name,
      reason: 'completion_denied',
      detail: reference.kind === 'prompt' ? `Unknown prompt: ${name}` : `Resource not found: ${name}`,
    });
  },
});
