import { describeIssue } from '../domain/issue.ts';
import type { InvocationRow } from '../domain/invocations/invocation-row.ts';
import { EVENT_ID, readInvocationEvent } from '../domain/invocations/read-invocation-event.ts';
import type { RefusedEvent } from './quarantine.ts';

/** One event of a batch as the body held it. */
export interface IncomingEvent {
  readonly raw: string;
  /** What `raw` is, where that was parsed already. */
  readonly value?: unknown;
}

/** Where a node says an event stands, also when the rest of it is wrong. */
export interface ReceivedPosition {
  readonly epoch: string;
  readonly sequence: number;
}

export type ReceivedEvent = { readonly raw: string; readonly position?: ReceivedPosition } & (
  { readonly row: InvocationRow } | { readonly row?: undefined; readonly refused: RefusedEvent }
);

/** Reads an event that came with the credential of `nodeId`. */
export const receiveEvent = ({ raw, value = parseJson(raw) }: IncomingEvent, nodeId: string): ReceivedEvent => {
  if (value === undefined) return refuse({ id: '', reason: 'unreadable', detail: 'The line is not JSON.', raw });
  const position = positionOf(value);
  const read = readInvocationEvent({ value, record: recordTextOf(value) });
  if (!read.ok) {
    const refused = { id: idOf(value), reason: 'invalid', detail: describeIssue(read.error), raw } as const;
    return refuse(refused, position);
  }
  if (read.value.nodeId === nodeId) return { raw, row: read.value, ...(position === undefined ? {} : { position }) };
  const detail = `source: is of node ${read.value.nodeId}, and the credential is of node ${nodeId}`;
  // Its position is that of another node, about which this one has nothing to say.
  return refuse({ id: read.value.id, reason: 'wrong_source', detail, raw });
};

/** Undefined for what is not JSON. */
export const parseJson = (text: string): unknown => {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
};

const refuse = (refused: RefusedEvent, position?: ReceivedPosition): ReceivedEvent => ({
  raw: refused.raw,
  refused,
  ...(position === undefined ? {} : { position }),
});

/** JSON.parse reads any depth, JSON.stringify and PostgreSQL do not: what they cannot write has no record. */
const recordTextOf = (value: unknown): string => {
  try {
    return JSON.stringify(fieldOf(value, 'data')) ?? '';
  } catch {
    return '';
  }
};

const fieldOf = (value: unknown, name: string): unknown =>
  typeof value === 'object' && value !== null && Object.hasOwn(value, name)
    ? (value as Readonly<Record<string, unknown>>)[name]
    : undefined;

const idOf = (value: unknown): string => {
  const id = fieldOf(value, 'id');
  return typeof id === 'string' && EVENT_ID.test(id) ? id : '';
};

const positionOf = (value: unknown): ReceivedPosition | undefined => {
  const epoch = fieldOf(value, 'nodeepoch');
  const sequence = fieldOf(value, 'nodesequence');
  return typeof epoch === 'string' &&
    /^[0-9a-z]{1,64}$/.test(epoch) &&
    Number.isSafeInteger(sequence) &&
    Number(sequence) >= 1
    ? { epoch, sequence: Number(sequence) }
    : undefined;
};
