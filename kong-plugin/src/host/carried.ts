import type { Era, JsonRpcId, ListCall } from '../domain/call.ts';
import type { Caller } from '../domain/caller.ts';
import { optionalFields, type AllFields } from '../domain/defined-fields.ts';
import { ownerKey } from '../domain/identity/owner-key.ts';
import type { TakenUnits } from '../domain/limits/limit-rule.ts';
import type { NodePosition } from '../domain/records/invocation-event.ts';
import type { Admission } from '../domain/records/invocation-record.ts';
import type { Governed } from '../pipeline/govern.ts';
import { frameText, readFramed } from '../domain/framed-text.ts';

/**
 * What the access phase hands to the later phases of the same request, as JSON through mcp-guard. Nothing is kept in
 * this process: a plugin server that is restarted while a stream runs still writes its record. Keeping the object as well to
 * save reading the text was slower: what lives through a garbage collection is copied.
 */
export interface Carried {
  readonly admission: Admission;
  /** Where the call's intent stands in the spool: its record takes the same place. */
  readonly position?: NodePosition;
  /** Who owns a task that the call becomes. */
  readonly owner?: string;
  /** What the call took from counters, to be given back as its limits say. */
  readonly taken?: { readonly takeId: string; readonly demands: readonly TakenUnits[] };
  /** For the response phase of a list. */
  readonly list?: CarriedList;
}

export interface CarriedList {
  readonly caller: Caller;
  readonly call: ListCall;
  readonly era: Era;
  readonly id: JsonRpcId;
}

/** As it travels: shorter by what `JSON.stringify` would repeat for each unit, a third of the text. */
interface Packed extends Omit<Carried, 'taken'> {
  readonly taken?: readonly [takeId: string, ...units: readonly PackedUnits[]];
}

type PackedUnits = readonly [
  key: string,
  cost: number,
  endsAt: number,
  kind: TakenUnits['kind'],
  ...giveBack: TakenUnits['giveBack'],
];

interface CarriedParts {
  readonly admitted: Admission;
  readonly governed: Governed;
  readonly position?: NodePosition;
}

/** The text that goes with a request. */
export const carry = (requestId: string, { admitted, governed, position }: CarriedParts): string => {
  const packed = {
    admission: admitted,
    position,
    owner: ownerOf(governed),
    taken: takenOf(governed),
    list: listOf(governed),
  } satisfies AllFields<Packed>;
  return frameText(requestId, packed);
};

/** Only this plugin writes it, so the cast is the check's other half. */
export const readCarried = (text: string): Carried => {
  const { admission, position, owner, taken, list } = readFramed(text) as Packed;
  const parts = { admission, position, owner, taken: taken && unpackTaken(taken), list };
  return optionalFields(parts satisfies AllFields<Carried>);
};

const unpackTaken = ([takeId, ...units]: NonNullable<Packed['taken']>): Carried['taken'] => ({
  takeId,
  demands: units.map(unpackUnits),
});

const unpackUnits = ([key, cost, endsAt, kind, ...giveBack]: PackedUnits): TakenUnits => ({
  key,
  cost,
  endsAt,
  kind,
  giveBack,
});

const ownerOf = (governed: Governed): string | undefined =>
  governed.effect === 'forward' && governed.message.call.kind === 'tool' ? ownerKey(governed.caller) : undefined;

const takenOf = (governed: Governed): Packed['taken'] | undefined => {
  if (governed.effect !== 'forward' || governed.taken.demands.length === 0) return undefined;
  const { takeId, demands } = governed.taken;
  return [takeId, ...demands.map(packUnits)];
};

const packUnits = ({ key, cost, endsAt, kind, giveBack }: TakenUnits): PackedUnits => [
  key,
  cost,
  endsAt,
  kind,
  ...giveBack,
];

const listOf = (governed: Governed): CarriedList | undefined => {
  if (governed.effect !== 'forward') return undefined;
  const { call, era, id } = governed.message;
  if (call.kind !== 'list' || era === 'rest' || id === undefined) return undefined;
  return { caller: governed.caller, call, era, id };
};
