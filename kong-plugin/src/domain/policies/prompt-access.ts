import { viewItem } from './item-view.ts';
import { definePolicy } from './policy.ts';

export const promptAccess = definePolicy({
  name: 'prompt-access',
  kinds: ['prompt'],
  view: ({ name }, input) =>
    viewItem(input, {
      policy: 'prompt-access',
      kind: 'prompt',
      name,
      reason: 'prompt_denied',
      detail: `Unknown prompt: ${name}`,
    }),
});
