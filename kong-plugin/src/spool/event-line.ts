import {
  INVOCATION_EVENT_TYPE,
  NODE_SOURCE_PREFIX,
  nodeIdOf,
  type NodePosition,
} from '../domain/records/invocation-event.ts';

/** What is read of an event to ship it: everything before its `data`. */
export interface EventHead extends NodePosition {
  readonly id: string;
  readonly time: string;
}

export interface EventLine {
  readonly head: EventHead;
  /** JSON of the record. */
  readonly data: string;
}

/**
 * The JSON of `toInvocationEvent`, made around the record's JSON, which is thus serialised once for all that store it. Ids,
 * times, nodes and epochs hold nothing that JSON escapes.
 */
export const eventLine = ({ head: { id, time, nodeId, epoch, sequence }, data }: EventLine): string =>
  `{"specversion":"1.0","id":"${id}","source":"${NODE_SOURCE_PREFIX}${nodeId}","type":"${INVOCATION_EVENT_TYPE}",` +
  `"time":"${time}","datacontenttype":"application/json","nodeepoch":"${epoch}","nodesequence":${sequence},"data":${data}}`;

const HEAD =
  /^\{"specversion":"1\.0","id":"([^"\\]+)","source":"([^"\\]+)","type":"[^"\\]+","time":"([^"\\]+)","datacontenttype":"application\/json","nodeepoch":"([^"\\]+)","nodesequence":(\d{1,16}),"data":/;

/** Reads what `eventLine` made; undefined for anything else. */
export const readEventLine = (line: string): EventLine | undefined => {
  const [head, id, source, time, epoch, sequence] = HEAD.exec(line) ?? [];
  if (head === undefined || id === undefined || source === undefined || time === undefined || epoch === undefined)
    return undefined;
  const nodeId = nodeIdOf(source);
  if (nodeId === undefined || !line.endsWith('}}')) return undefined;
  return { head: { id, time, nodeId, epoch, sequence: Number(sequence) }, data: line.slice(head.length, -1) };
};
