import { definedFields } from '../domain/defined-fields.ts';
import { PROTOCOL_VERSION, sharedKeys, type GuardOutcome, type Verdict } from './guard-protocol.ts';
import type { Kong } from './kong.ts';

/** The fields of `kong.log.serialize` that are read. Sizes are those on the wire, headers included. */
interface Serialized {
  readonly request: {
    readonly id: string;
    readonly method: string;
    readonly uri: string;
    readonly size: number | string;
  };
  readonly response: { readonly status: number; readonly size: number | string };
  /** Milliseconds; -1 where there was none. */
  readonly latencies: { readonly request: number; readonly kong?: number; readonly proxy?: number };
  readonly client_ip: string;
  readonly started_at: number;
  /** Of every try, `502, 200`; empty when the server was not asked. */
  readonly upstream_status?: string | number;
  readonly consumer?: { readonly id: string };
  readonly route?: { readonly id: string };
  readonly service?: { readonly id: string };
}

interface NotedRefusal {
  readonly admission: string;
}

type Ending = Pick<GuardOutcome, 'outcome' | 'why'>;

/**
 * What became of a request, for nodes where a post-function stands in for mcp-guard: nobody looked into the body, so that
 * the answer to an MCP call is `unknown` unless its status tells.
 */
export const readPdkOutcome = async (kong: Kong): Promise<GuardOutcome> => {
  const request = JSON.parse(await kong.log.serialize()) as Serialized;
  const verdict = (await kong.ctx.shared.get(sharedKeys.verdict)) as Verdict | undefined;
  const refusal = (await kong.ctx.shared.get(sharedKeys.refusal)) as NotedRefusal | undefined;
  const upstreamStatus = lastStatus(request.upstream_status);
  const ending =
    verdict !== undefined && upstreamStatus === undefined
      ? unasked(await kong.response.getSource(), request.response.status)
      : endingOf({
          status: request.response.status,
          verdict,
          isRefused: refusal !== undefined,
          upstreamStatus: upstreamStatus ?? 0,
        });
  return definedFields({
    v: PROTOCOL_VERSION,
    ...ending,
    request_id: request.request.id,
    started_at: request.started_at,
    client_ip: request.client_ip,
    method: request.request.method,
    path: request.request.uri.split('?', 1)[0] ?? '',
    status: request.response.status,
    upstream_status: upstreamStatus,
    request_bytes: Number(request.request.size),
    response_bytes: Number(request.response.size),
    latency: latencyOf(request.latencies),
    consumer: request.consumer?.id,
    route_id: request.route?.id,
    service_id: request.service?.id,
    admission: verdict?.admission ?? refusal?.admission,
  });
};

interface Ended {
  readonly status: number;
  readonly upstreamStatus: number;
  readonly verdict: Verdict | undefined;
  readonly isRefused: boolean;
}

const endingOf = ({ status, upstreamStatus, verdict, isRefused }: Ended): Ending => {
  if (verdict === undefined) return isRefused ? { outcome: 'refused' } : { outcome: 'none', why: 'not_governed' };
  if (upstreamStatus >= 500) return { outcome: 'upstream_error' };
  if (upstreamStatus >= 400) return { outcome: 'not_executed' };
  if (verdict.kind === 'rest') return { outcome: 'ok' };
  if (verdict.id === undefined) return { outcome: 'none' };
  return { outcome: 'unknown', why: verdict.filter && status >= 500 ? 'blocked' : 'not_scanned' };
};

/** Allowed, and yet the server was not asked: 503 is what the post-function answers to a verdict that does not fit. */
const unasked = (source: string, status: number): Ending => {
  // nginx's own: the client left before the server said anything.
  if (status === 499) return { outcome: 'unknown', why: 'incomplete' };
  if (source === 'exit' && status === 503) return { outcome: 'guard_refused', why: 'post_function' };
  return { outcome: source === 'exit' || status === 500 ? 'not_executed' : 'upstream_error', why: 'gateway' };
};

const lastStatus = (statuses: Serialized['upstream_status']): number | undefined => {
  const status = Number(
    String(statuses ?? '')
      .split(/[,:]/)
      .at(-1),
  );
  return status > 0 ? status : undefined;
};

const latencyOf = ({ request, kong, proxy }: Serialized['latencies']): GuardOutcome['latency'] =>
  definedFields({ total: request, kong: measured(kong), upstream: measured(proxy) });

const measured = (milliseconds: number | undefined): number | undefined =>
  milliseconds !== undefined && milliseconds >= 0 ? milliseconds : undefined;
