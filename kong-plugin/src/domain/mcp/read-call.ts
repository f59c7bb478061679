import type { Call, Era } from '../call.ts';
import type { ReadingProblem } from '../http/reading-problem.ts';
import { quoted, unreadable } from '../http/reading-problem.ts';
import { isLookalike, knownNames } from '../json/lookalike-key.ts';
import type { Result } from '../result.ts';
import { success } from '../result.ts';
import type { McpOptions } from '../server-config.ts';
import type { Envelope } from './envelope.ts';
import { methods } from './methods.ts';

const methodNames = knownNames(methods.keys());

/** Methods of the other era that nothing would judge if they passed as unknown ones. */
const isGoverned = (method: string): boolean => /^(resources|subscriptions|tasks)\//.test(method);

export const readCall = (
  envelope: Envelope,
  options: { readonly era: Era; readonly mcp: McpOptions },
): Result<Call, ReadingProblem> => {
  if (envelope.kind === 'response') return success({ kind: 'response', method: 'response' });
  if (isLookalike(envelope.method, methodNames)) {
    return unreadable('invalid_message', `The method ${quoted(envelope.method)} could be taken for another one.`);
  }
  return envelope.kind === 'request' ? readRequest(envelope, options) : readNotification(envelope.method);
};

const readRequest = (
  envelope: Envelope & { kind: 'request' },
  options: { readonly era: Era; readonly mcp: McpOptions },
): Result<Call, ReadingProblem> => {
  const { method, parameters } = envelope;
  if (isNotificationMethod(method)) return unreadable('invalid_message', 'A notification carries no "id".');
  const known = methods.get(method);
  if (known === undefined) return success({ kind: 'unknown', method });
  if (known.eras.includes(options.era)) return known.read(parameters, options.mcp);
  // Both ways the sender sees "method not found". But the operator may let unknown methods pass, and a server that serves
  // both eras alike would then subscribe to a resource that no rule was asked about.
  return isGoverned(method)
    ? unreadable('method_denied', `Method not found: ${method}`, { subject: method })
    : success({ kind: 'unknown', method });
};

const readNotification = (method: string): Result<Call, ReadingProblem> => {
  if (isNotificationMethod(method)) return success({ kind: 'notification', method });
  // SDK servers answer 202 and ignore it; others may run it.
  if (methods.has(method)) return unreadable('notification_call', `${method} needs an "id".`, { subject: method });
  return success({ kind: 'unknown', method });
};

const isNotificationMethod = (method: string): boolean => method.startsWith('notifications/');
