import { isTable, parseOrNothing } from '../json/table.ts';
import { failure, success, type Result } from '../result.ts';
import { isAnsweredByGateway } from './answered-by-gateway.ts';
import { buildRecord, type CallFacts, type RecordContext } from './build-record.ts';
import { readCarried, type Carried } from './carried.ts';
import type { NodePosition } from './invocation-event.ts';
import type { Admission, InvocationRecord } from './invocation-record.ts';

/** Why a line gives no record. Only `unreadable` is a reason to worry. */
export type KongLogProblem =
  | { readonly kind: 'unreadable'; readonly why: string }
  /** A request that mcp-guard did not see, or that nobody called anything with (a CORS preflight). */
  | { readonly kind: 'not_governed' }
  /** mcp-guard had `log_records: false`: the line has the outcome and not the call. */
  | { readonly kind: 'not_logged' };

export interface KongLogRecord {
  readonly record: InvocationRecord;
  /** Where the call's intent stands in the node's sequence; undefined without durability intent, and for refusals. */
  readonly position?: NodePosition;
}

/**
 * The record of one line of Kong's own log (file-log, http-log, ...): the same, with the same id, as the plugin server would
 * have made of the guard's outcome in the log phase, had it been there. Lines of requests whose record was made are
 * therefore harmless: the ledger knows their ids.
 */
export const parseKongLogLine = (line: string, context?: RecordContext): Result<InvocationRecord, KongLogProblem> => {
  const read = readKongLogLine(line, context);
  return read.ok ? success(read.value.record) : read;
};

/** As `parseKongLogLine`, with the position that the record has in the node's sequence. */
export const readKongLogLine = (line: string, context?: RecordContext): Result<KongLogRecord, KongLogProblem> => {
  const logged = parseOrNothing(line);
  if (!isTable(logged)) return unreadable('is not a JSON object');
  const { mcp } = logged;
  if (!isTable(mcp) || typeof mcp['outcome'] !== 'string') return failure({ kind: 'not_governed' });
  if (mcp['v'] === undefined) return failure({ kind: 'not_logged' });
  const problem = problemOf(mcp);
  if (problem !== undefined) return unreadable(problem);
  const facts = mcp as unknown as CallFacts;
  if (isAnsweredByGateway(facts)) return failure({ kind: 'not_governed' });
  const carried = carriedIn(mcp['admission']);
  if (!carried.ok) return carried;
  const admission = carried.value && (JSON.parse(carried.value.admission.json) as Admission);
  const record = buildRecord(facts, admission, context);
  const position = carried.value?.position;
  return success({ record, ...(position === undefined ? {} : { position }) });
};

const unreadable = (why: string): Result<never, KongLogProblem> => failure({ kind: 'unreadable', why });

const texts = ['request_id', 'client_ip', 'method', 'path'] as const;
const numbers = ['started_at', 'status', 'request_bytes', 'response_bytes'] as const;

/** The fields that a record cannot do without. */
const problemOf = (mcp: Readonly<Record<string, unknown>>): string | undefined => {
  const wrong = [
    ...texts.filter((name) => typeof mcp[name] !== 'string'),
    ...numbers.filter((name) => !Number.isFinite(mcp[name])),
  ];
  const { latency } = mcp;
  if (!isTable(latency) || !Number.isFinite(latency['total'])) return 'mcp.latency.total: is no number';
  return wrong.length === 0 ? undefined : `mcp.${wrong[0] ?? ''}: is missing or of another type`;
};

/** What the access phase handed on; undefined for a request that nobody judged. */
const carriedIn = (text: unknown): Result<Carried | undefined, KongLogProblem> => {
  if (text === undefined) return success(undefined);
  if (typeof text !== 'string') return unreadable('mcp.admission: is no admission');
  try {
    return success(readCarried(text));
  } catch (error) {
    return unreadable(`mcp.admission: ${error instanceof Error ? error.message : String(error)}`);
  }
};
