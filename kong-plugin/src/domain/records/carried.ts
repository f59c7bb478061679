import type { Era, JsonRpcId, ListCall } from '../call.ts';
import type { Caller } from '../caller.ts';
import { optionalFields, type AllFields } from '../defined-fields.ts';
import { hasLease } from '../limits/demands-to-return.ts';
import type { TakenUnits } from '../limits/limit-rule.ts';
import type { AdmissionJson } from './build-record.ts';
import { readEarlierCarried } from './earlier-carried.ts';
import type { NodePosition } from './invocation-event.ts';
import type { Admission } from './invocation-record.ts';

/**
 * What the access phase hands to the later phases of the same request, as text through mcp-guard. Nothing is kept in the
 * plugin server: one that is restarted while a stream runs still writes its record. Keeping the object as well to save
 * reading the text was slower: what lives through a garbage collection is copied.
 */
export interface Carried {
  readonly admission: AdmissionJson;
  /** Where the call's intent stands in the spool: its record takes the same place. */
  readonly position?: NodePosition;
  /** What the call took from counters, to be given back as its limits say. */
  readonly taken?: CarriedTake;
  /** Who owns a task that the call becomes. */
  readonly owner?: string;
  /** For the response phase of a list. */
  readonly list?: CarriedList;
}

export interface CarriedTake {
  readonly takeId: string;
  /** See `hasLease`. */
  readonly hasLease: boolean;
  /** Read when something is to be given back: most calls end well and keep what they took. */
  readonly demands: () => readonly TakenUnits[];
}

export interface CarriedList {
  readonly caller: Caller;
  readonly call: ListCall;
  readonly era: Era;
  readonly id: JsonRpcId;
}

/** What is handed on. */
export interface CarriedParts extends AllFields<Omit<Carried, 'admission' | 'taken'>> {
  readonly admission: Admission;
  readonly taken: { readonly takeId: string; readonly demands: readonly TakenUnits[] } | undefined;
}

/** As it travels: shorter by what `JSON.stringify` would repeat for each unit. */
type PackedUnits = readonly [
  key: string,
  cost: number,
  endsAt: number,
  kind: TakenUnits['kind'],
  ...giveBack: TakenUnits['giveBack'],
];

/** Lines, of which most are never read again, between two copies of the request's id (see `framed-text.ts`); JSON has no line feed. */
export const carriedText = (requestId: string, { admission, position, taken, owner, list }: CarriedParts): string =>
  [
    requestId,
    JSON.stringify(admission),
    mark(admission.path === undefined && admission.taskId === undefined),
    json(position),
    taken?.takeId ?? '',
    mark(taken !== undefined && hasLease(taken.demands)),
    json(taken?.demands.map(pack)),
    owner ?? '',
    json(list),
    requestId,
  ].join('\n');

const LINES = 10;

/** Throws when the text is not this plugin's. */
export const readCarried = (text: string): Carried => {
  const lines = text.split('\n');
  if (lines.length !== LINES || lines[0] !== lines[LINES - 1]) return readEarlierCarried(text);
  const [, admission = '', isApart, position, takeId, lease, demands = '', owner, list] = lines;
  return optionalFields({
    admission: { json: admission, isApart: isApart === '1' },
    position: parsed<NodePosition>(position),
    taken:
      takeId === undefined || takeId === ''
        ? undefined
        : {
            takeId,
            hasLease: lease === '1',
            demands: () => (JSON.parse(demands) as readonly PackedUnits[]).map(unpack),
          },
    owner: owner === '' ? undefined : owner,
    list: parsed<CarriedList>(list),
  } satisfies AllFields<Carried>);
};

const mark = (is: boolean): string => (is ? '1' : '');

const json = (value: object | undefined): string => (value === undefined ? '' : JSON.stringify(value));

/** Only this plugin writes it, so the cast is the check's other half. */
const parsed = <Value>(line = ''): Value | undefined => (line === '' ? undefined : (JSON.parse(line) as Value));

const pack = ({ key, cost, endsAt, kind, giveBack }: TakenUnits): PackedUnits => [key, cost, endsAt, kind, ...giveBack];

const unpack = ([key, cost, endsAt, kind, ...giveBack]: PackedUnits): TakenUnits => ({
  key,
  cost,
  endsAt,
  kind,
  giveBack,
});
