import type { Call } from '../call.ts';
import { ownerKey } from '../identity/owner-key.ts';
import { definePolicy, type PolicyInput, type View } from './policy.ts';

/** Who knows a task's id could read its result (State Handle Hijacking): only its owner may use it. */
export const taskOwnership = definePolicy({
  name: 'task-ownership',
  kinds: ['task'],
  view: ({ method, taskId }, input) => {
    if (method === 'tasks/list') return viewTaskList(input);
    return taskId !== undefined && ownsTasks(input)
      ? { effect: 'allow', rule: 'task-ownership:own' }
      : { effect: 'deny', rule: 'task-ownership:foreign', reason: 'task_denied', detail: 'Task not found' };
  },
});

/** The tasks that a call names; their common owner is the judge's `taskOwner`. */
export const taskIdsOf = (call: Call): readonly string[] => {
  if (call.kind === 'listen') return call.taskIds;
  return call.kind === 'task' && call.taskId !== undefined ? [call.taskId] : [];
};

/** The one owner of several tasks; undefined when any owner is unknown or they differ, which refuses the call. */
export const commonOwner = (owners: readonly (string | undefined)[]): string | undefined =>
  new Set(owners).size === 1 ? owners[0] : undefined;

export const ownsTasks = ({ taskOwner, caller }: PolicyInput): boolean => taskOwner === ownerKey(caller);

/** Without users of its own a server lists everybody's tasks. */
const viewTaskList = ({ config }: PolicyInput): View =>
  config.mcp.taskLists === 'allow'
    ? { effect: 'allow', rule: 'task-ownership:lists-allowed' }
    : {
        effect: 'deny',
        rule: 'task-ownership:lists-denied',
        reason: 'method_denied',
        detail: 'Method not found: tasks/list',
      };
