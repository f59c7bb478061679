import { ownerKey } from '../domain/identity/owner-key.ts';
import { carriedText, type CarriedList, type CarriedParts } from '../domain/records/carried.ts';
import type { NodePosition } from '../domain/records/invocation-event.ts';
import type { Admission } from '../domain/records/invocation-record.ts';
import type { Governed } from '../pipeline/govern.ts';

/** What goes with a request from its access phase on. */
export interface Carrying {
  readonly admitted: Admission;
  readonly governed: Governed;
  readonly position?: NodePosition;
}

/** The text that goes with a request. */
export const carry = (requestId: string, { admitted, governed, position }: Carrying): string =>
  carriedText(requestId, {
    admission: admitted,
    position,
    taken: takenOf(governed),
    owner: ownerOf(governed),
    list: listOf(governed),
  });

const ownerOf = (governed: Governed): string | undefined =>
  governed.effect === 'forward' && governed.message.call.kind === 'tool' ? ownerKey(governed.caller) : undefined;

const takenOf = (governed: Governed): CarriedParts['taken'] =>
  governed.effect !== 'forward' || governed.taken.demands.length === 0 ? undefined : governed.taken;

const listOf = (governed: Governed): CarriedList | undefined => {
  if (governed.effect !== 'forward') return undefined;
  const { call, era, id } = governed.message;
  if (call.kind !== 'list' || era === 'rest' || id === undefined) return undefined;
  return { caller: governed.caller, call, era, id };
};
