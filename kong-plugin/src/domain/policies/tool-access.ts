import { viewItem } from './item-view.ts';
import { definePolicy } from './policy.ts';

export const toolAccess = definePolicy({
  name: 'tool-access',
  kinds: ['tool'],
  view: ({ name }, input) =>
    viewItem(input, {
      policy: 'tool-access',
      kind: 'tool',
      name,
      reason: 'tool_denied',
      detail: `Unknown tool: ${name}`,
    }),
});
