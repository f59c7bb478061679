import { optionalFields } from '../defined-fields.ts';
import { isTable, parseOrNothing } from '../json/table.ts';
import type { Carried } from './carried.ts';
import type { NodePosition } from './invocation-event.ts';
import type { Admission } from './invocation-record.ts';
import { traceIdOf } from './trace-id.ts';

/** An admission up to protocol 5 of mcp-guard, under names of its own. */
interface EarlierAdmission extends Omit<
  Admission,
  'tool' | 'prompt' | 'resource' | 'path' | 'taskId' | 'jsonRpcId' | 'traceId'
> {
  readonly subjectKind?: 'tool' | 'prompt' | 'resource' | 'task';
  readonly pathTemplate?: string;
  readonly requestId?: Admission['jsonRpcId'];
  readonly traceparent?: string;
  readonly requestBytes?: number;
}

/**
 * What was carried up to protocol 5 of mcp-guard: JSON, from protocol 4 on between two copies of the request's id. Logs of Kong keep it,
 * and a worker that Kong's reload left to its streams sends it. Units are not given back: they end with their windows, and leases with
 * the longest call. Throws when it is not this plugin's.
 */
export const readEarlierCarried = (text: string): Carried => {
  const carried = unframed(parseOrNothing(text));
  const admission = isTable(carried) ? carried['admission'] : undefined;
  if (!isTable(carried) || !isTable(admission)) throw new Error('is no admission');
  const isWhole = ['server', 'kind', 'method', 'decision'].every((name) => typeof admission[name] === 'string');
  if (!isWhole) throw new Error('lacks what was decided');
  return optionalFields({
    admission: { json: JSON.stringify(renamed(admission as unknown as EarlierAdmission)), isApart: false },
    position: carried['position'] as NodePosition | undefined,
  });
};

const renamed = ({
  subject,
  subjectKind,
  pathTemplate: path,
  requestId: jsonRpcId,
  traceparent,
  requestBytes: _ofTheEnd,
  ...rest
}: EarlierAdmission): Admission => ({
  ...rest,
  ...(subject === undefined ? {} : { [nameOf(subjectKind)]: subject }),
  ...optionalFields({ path, jsonRpcId, traceId: traceIdOf(traceparent) }),
});

const nameOf = (kind: EarlierAdmission['subjectKind']): keyof Admission => {
  if (kind === undefined) return 'subject';
  return kind === 'task' ? 'taskId' : kind;
};

const unframed = (parsed: unknown): unknown => (Array.isArray(parsed) ? (parsed as readonly unknown[])[1] : parsed);
