import { authentication } from './authentication.ts';
import { completionAccess } from './completion-access.ts';
import { lifecycle } from './lifecycle.ts';
import { listenAccess } from './listen-access.ts';
import { methodAccess } from './method-access.ts';
import { operationAccess } from './operation-access.ts';
import type { Policy } from './policy.ts';
import { promptAccess } from './prompt-access.ts';
import { resourceAccess } from './resource-access.ts';
import { resumption } from './resumption.ts';
import { sessionOwnership } from './session-ownership.ts';
import { streamAccess } from './stream-access.ts';
import { subscription } from './subscription.ts';
import { taskOwnership } from './task-ownership.ts';
import { toolAccess } from './tool-access.ts';
import { toolScopes } from './tool-scopes.ts';

/**
 * All policies. The order only says which of several denials is named: who calls comes before what is asked for,
 * subscriptions after the rules that may hide what they are about, and the scope of a token last, so that a refusal
 * tells no more than it must. Rules with conditions are part of the access policies: an item that only other arguments
 * may use is still one item.
 */
export const policies: readonly Policy[] = [
  authentication,
  sessionOwnership,
  resumption,
  lifecycle,
  methodAccess,
  streamAccess,
  toolAccess,
  promptAccess,
  resourceAccess,
  completionAccess,
  operationAccess,
  subscription,
  taskOwnership,
  listenAccess,
  toolScopes,
];
