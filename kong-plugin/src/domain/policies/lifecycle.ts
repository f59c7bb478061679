import { definePolicy } from './policy.ts';

/**
 * What every client needs before it can ask for anything, and what names no governed item. Lists are here because they
 * pass and are filtered item by item. Who may not even do this is refused by `authentication`.
 */
export const lifecycle = definePolicy({
  name: 'lifecycle',
  kinds: ['lifecycle', 'notification', 'response', 'list'],
  view: (call) => ({
    effect: 'allow',
    rule: call.kind === 'list' ? 'lifecycle:filtered-list' : `lifecycle:${call.kind}`,
  }),
});
