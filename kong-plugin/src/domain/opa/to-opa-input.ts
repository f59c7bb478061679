import type { Call, Message } from '../call.ts';
import type { Caller } from '../caller.ts';
import { definedFields } from '../defined-fields.ts';
import type { JsonValue } from '../json/json-value.ts';
import type { OpaInput } from './opa-decision.ts';

export interface OpaQuestion {
  readonly message: Message;
  readonly caller: Caller;
  readonly plan?: string;
  readonly server: string;
  /** By rule id. */
  readonly limitsLeft: Readonly<Record<string, number>>;
  /** Milliseconds since the epoch. */
  readonly now: number;
  /**
   * What the policy may see of the arguments. Whatever it leaves out is not judged: the redactor of records cuts long
   * lists and texts, so it is not fit for this place.
   */
  readonly redact?: (value: JsonValue) => JsonValue;
}

/** The document that policies are written against; docs/opa.md describes it. */
export const toOpaInput = ({ message, caller, plan, server, limitsLeft, now, redact }: OpaQuestion): OpaInput => {
  const { call } = message;
  const sent = argumentsOf(call);
  return {
    caller: callerPart(caller),
    ...definedFields({ plan }),
    server,
    call: {
      kind: call.kind,
      method: call.method,
      ...definedFields({
        name: nameOf(call),
        arguments: sent === undefined || redact === undefined ? sent : redact(sent),
      }),
    },
    limits: limitsLeft,
    time: new Date(now).toISOString(),
  };
};

const callerPart = (caller: Caller): OpaInput['caller'] => ({
  ...definedFields({
    tenant: caller.tenant,
    application: caller.application,
    user: caller.user,
    consumer: caller.consumer,
  }),
  groups: caller.groups,
  tags: caller.tags,
  scopes: caller.scopes,
  // As the authentication policy sees it: a caller without a consumer is nobody, whatever else is known.
  anonymous: caller.consumerId === undefined,
});

const nameOf = (call: Call): string | undefined => {
  switch (call.kind) {
    case 'tool':
    case 'prompt':
    case 'operation':
      return call.name;
    case 'resource':
      return call.uri;
    case 'completion':
      return call.reference.kind === 'prompt' ? call.reference.name : call.reference.uri;
    case 'task':
      return call.taskId;
    default:
      return undefined;
  }
};

/** What else tells two calls apart: everything that a policy could want to judge by, or the cache would mix them up. */
const argumentsOf = (call: Call): JsonValue | undefined => {
  switch (call.kind) {
    case 'tool':
    case 'prompt':
    case 'operation':
      return call.arguments;
    case 'completion':
      return { reference: call.reference.kind };
    case 'listen':
      return { resourceUris: call.resourceUris, taskIds: call.taskIds };
    default:
      return undefined;
  }
};
