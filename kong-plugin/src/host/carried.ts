import type { Era, JsonRpcId, ListCall } from '../domain/call.ts';
import type { Caller } from '../domain/caller.ts';
import { ownerKey } from '../domain/identity/owner-key.ts';
import type { Demand } from '../domain/limits/limit-rule.ts';
import type { NodePosition } from '../domain/records/invocation-event.ts';
import type { Admission } from '../domain/records/invocation-record.ts';
import type { Governed } from '../pipeline/govern.ts';

/**
 * What the access phase hands to the later phases of the same request, as JSON through `kong.ctx.shared`. Nothing is
 * kept in this process: a plugin server that is restarted while a stream runs still writes its record.
 */
export interface Carried {
  readonly admission: Admission;
  /** Where the call's intent stands in the spool: its record takes the same place. */
  readonly position?: NodePosition;
  /** Who owns a task that the call becomes. */
  readonly owner?: string;
  /** What the call took from counters, to be given back as its limits say. */
  readonly taken?: { readonly takeId: string; readonly demands: readonly Demand[] };
  /** For the response phase of a list. */
  readonly list?: CarriedList;
}

export interface CarriedList {
  readonly caller: Caller;
  readonly call: ListCall;
  readonly era: Era;
  readonly id: JsonRpcId;
}

export const carry = (admission: Admission, governed: Governed, position?: NodePosition): string => {
  const carried: Carried = {
    admission,
    ...(position === undefined ? {} : { position }),
    ...ownerOf(governed),
    ...takenOf(governed),
    ...listOf(governed),
  };
  return JSON.stringify(carried);
};

/** Only this plugin writes it, so the cast is the check's other half. */
export const readCarried = (text: string): Carried => JSON.parse(text) as Carried;

const ownerOf = (governed: Governed): Pick<Carried, 'owner'> =>
  governed.effect === 'forward' && governed.message.call.kind === 'tool' ? { owner: ownerKey(governed.caller) } : {};

const takenOf = (governed: Governed): Pick<Carried, 'taken'> => {
  if (governed.effect !== 'forward' || governed.taken.demands.length === 0) return {};
  const { takeId, demands } = governed.taken;
  return { taken: { takeId, demands } };
};

const listOf = (governed: Governed): Pick<Carried, 'list'> => {
  if (governed.effect !== 'forward') return {};
  const { call, era, id } = governed.message;
  if (call.kind !== 'list' || era === 'rest' || id === undefined) return {};
  return { list: { caller: governed.caller, call, era, id } };
};
