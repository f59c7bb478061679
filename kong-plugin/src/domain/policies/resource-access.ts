import { viewItem } from './item-view.ts';
import { definePolicy } from './policy.ts';

export const resourceAccess = definePolicy({
  name: 'resource-access',
  kinds: ['resource'],
  view: ({ uri }, input) =>
    viewItem(input, {
      policy: 'resource-access',
      kind: 'resource',
      name: uri,
      reason: 'resource_denied',
      detail: `Resource not found: ${uri}`,
    }),
});
