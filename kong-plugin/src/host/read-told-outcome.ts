import { optionalFields } from '../domain/defined-fields.ts';
import type { GuardOutcome, OutcomeKind } from './guard-protocol.ts';
import { factProblems } from './read-guard-facts.ts';

/** What `plugin.Conclude` brings of one request: its end as text, and what the access phase gave it to carry. */
export interface ToldOutcome {
  readonly text: string;
  readonly admission?: string;
}

const LINES = 21;

/**
 * Reads what `record.text` of mcp-guard's record.lua writes: a field a line, an empty one for a field that says nothing, and the request's
 * id again at the end (see `framed-text.ts`). Lines and not JSON, because Kong's cjson writes each number with `printf`. Throws when the
 * text is not the guard's.
 */
export const readToldOutcome = ({ text, admission }: ToldOutcome): GuardOutcome => {
  const told = text.split('\n');
  if (told.length !== LINES || told[0] !== told[LINES - 1]) throw new Error(factProblems.version);
  const [requestId = '', v, startedAt, clientIp = '', method = '', path = '', status, upstreamStatus, ...rest] = told;
  const [requestBytes, responseBytes, kong, upstream, total, consumer, routeId, serviceId, ...ending] = rest;
  const [outcome, why, code, taskId] = ending;
  return optionalFields({
    v: Number(v),
    outcome: outcome as OutcomeKind,
    why: textOf(why),
    code: numberOf(code),
    task_id: taskId === '' ? undefined : (JSON.parse(String(taskId)) as string),
    request_id: requestId,
    started_at: Number(startedAt),
    client_ip: clientIp,
    method,
    path,
    status: Number(status),
    upstream_status: numberOf(upstreamStatus),
    request_bytes: Number(requestBytes),
    response_bytes: Number(responseBytes),
    latency: optionalFields({ kong: numberOf(kong), upstream: numberOf(upstream), total: Number(total) }),
    consumer: textOf(consumer),
    route_id: textOf(routeId),
    service_id: textOf(serviceId),
    admission,
  });
};

const textOf = (line: string | undefined): string | undefined => (line === '' ? undefined : line);

const numberOf = (line: string | undefined): number | undefined => (line === '' ? undefined : Number(line));
