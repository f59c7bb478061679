import type { ListenCall } from '../call.ts';
import { viewItem } from './item-view.ts';
import { definePolicy, type PolicyInput, type View } from './policy.ts';
import { ownsTasks } from './task-ownership.ts';

/** A subscription is as strong as its weakest item: every resource must be allowed and every task owned. */
export const listenAccess = definePolicy({
  name: 'listen-access',
  kinds: ['listen'],
  view: (call, input) => {
    if (call.taskIds.length > 0 && !ownsTasks(input))
      return {
        effect: 'deny',
        rule: 'listen-access:foreign-task',
        reason: 'task_denied',
        detail: 'Task not found',
      };
    return viewResources(call, input);
  },
});

const viewResources = ({ resourceUris, taskIds }: ListenCall, input: PolicyInput): View => {
  const views = resourceUris.map((uri) =>
    viewItem(input, {
      policy: 'listen-access',
      kind: 'resource',
      name: uri,
      reason: 'resource_denied',
      detail: `Resource not found: ${uri}`,
    }),
  );
  const refused = views.find((view) => view.effect === 'deny') ?? views.find((view) => view.effect === 'none');
  const shadow = views.flatMap((view) => view.shadow ?? []);
  const chosen = refused ?? views[0];
  if (chosen !== undefined) return shadow.length === 0 ? chosen : { ...chosen, shadow };
  return { effect: 'allow', rule: taskIds.length > 0 ? 'listen-access:own-tasks' : 'listen-access:lists' };
};
