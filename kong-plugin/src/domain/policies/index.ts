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
import { taskOwnership } from './task-ownership.ts';
import { toolAccess } from './tool-access.ts';
import { toolScopes } from './tool-scopes.ts';

/**
 * All policies. The order only says which of several denials is named: who calls comes before what is asked for, and
 * the scope of a token after the rules, so that a refusal tells no more than it must.
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
  taskOwnership,
  listenAccess,
  toolScopes,
];
