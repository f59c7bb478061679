import { viewItem } from './item-view.ts';
import { definePolicy } from './policy.ts';

/** A REST operation is a tool by another transport: the same rules, by the same names. */
export const operationAccess = definePolicy({
  name: 'operation-access',
  kinds: ['operation'],
  view: ({ name }, input) =>
    viewItem(input, {
      policy: 'operation-access',
      kind: 'tool',
      name,
      reason: 'operation_denied',
      detail: `This caller may not use the operation ${name}.`,
    }),
});
