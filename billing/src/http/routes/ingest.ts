import { Hono, type Context } from 'hono';
import type { Ingest, IngestReceipt } from '../../ledger/ingest.ts';
import { batchTypes, MAX_EVENTS, parserFor } from '../../ledger/parse-batch.ts';
import { bearerToken } from '../access.ts';
import { problem } from '../problem.ts';
import { MAX_BODY_BYTES, readBody } from './read-body.ts';

export interface IngestDeps {
  readonly ingest: Ingest;
  /** The node whose credential it is; rejects when the database is away. */
  readonly findNode: (token: string) => Promise<string | undefined>;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  readonly observer?: IngestObserver;
}

/** What metrics and logs want to know. */
export interface IngestObserver {
  onBatch?(batch: IngestReceipt & { readonly nodeId: string; readonly milliseconds: number }): void;
  /** The batch stays with its node, which sends it again. */
  onFailure?(failure: { readonly nodeId?: string; readonly error: unknown }): void;
  onRefused?(refusal: { readonly nodeId?: string; readonly status: number }): void;
}

/** Batches at work at once, each with a connection and up to 8 MiB. Eight keep PostgreSQL busy; more only wait in memory. */
const MAX_AT_ONCE = 8;
const BUSY_RETRY_SECONDS = 1;
const AWAY_RETRY_SECONDS = 5;

/** `POST /v1/invocations`: what gateway nodes ship. 200 is given when everything in the batch is durably dealt with. */
export const ingestRoutes = (deps: IngestDeps): Hono => {
  let atWork = 0;
  return new Hono().post('/v1/invocations', async (context) => {
    if (atWork >= MAX_AT_ONCE) return refuse(context, deps, 'busy');
    atWork += 1;
    try {
      return await takeBatch(context, deps);
    } finally {
      atWork -= 1;
    }
  });
};

const takeBatch = async (context: Context, deps: IngestDeps): Promise<Response> => {
  const started = deps.now();
  const token = bearerToken(context.req.header('authorization'));
  if (token === undefined) return refuse(context, deps, 'unauthorized');
  const node = await attempt(() => deps.findNode(token), deps);
  if (!node.ok) return refuse(context, deps, 'away');
  // Before the body: a stranger's eight megabytes are not read.
  const nodeId = node.value;
  if (nodeId === undefined) return refuse(context, deps, 'unauthorized');

  const parse = parserFor(context.req.header('content-type'));
  if (parse === undefined) return refuse(context, deps, 'media_type', nodeId);
  const body = await readBody(context.req.raw);
  if (body.kind !== 'body') return refuse(context, deps, body.kind, nodeId);
  const batch = parse(body.bytes);
  if (batch.kind === 'too_many') return refuse(context, deps, 'too_many', nodeId);
  if (batch.kind === 'unreadable') return refuse(context, deps, 'unreadable', nodeId, batch.why);

  const clock = clockOf(context.req.header('date'), started);
  const { events } = batch;
  const stored = await attempt(() => deps.ingest({ nodeId, events, ...clock }), deps, nodeId);
  if (!stored.ok) return refuse(context, deps, 'away', nodeId);
  deps.observer?.onBatch?.({ ...stored.value, nodeId, milliseconds: deps.now() - started });
  return context.json(stored.value, 200);
};

type Attempt<Value> = { readonly ok: true; readonly value: Value } | { readonly ok: false };

/** Whatever went wrong, the node keeps the batch and asks again: nothing is lost by saying 503. */
const attempt = async <Value>(
  work: () => Promise<Value>,
  { observer }: IngestDeps,
  nodeId?: string,
): Promise<Attempt<Value>> => {
  try {
    return { ok: true, value: await work() };
  } catch (error) {
    observer?.onFailure?.({ error, ...(nodeId === undefined ? {} : { nodeId }) });
    return { ok: false };
  }
};

/** A sender may say its time (RFC 9110 §6.6.1); whole seconds, so that the skew is exact to one. */
const clockOf = (date: string | undefined, ours: number): { readonly clock?: { node: number; ours: number } } => {
  const node = date === undefined ? Number.NaN : Date.parse(date);
  return Number.isNaN(node) ? {} : { clock: { node, ours } };
};

const refusals = {
  busy: ['unavailable', 'Too many batches at once.', BUSY_RETRY_SECONDS],
  away: ['unavailable', 'The ledger cannot store the batch now. Keep it and send it again.', AWAY_RETRY_SECONDS],
  unauthorized: ['unauthorized', 'Give the credential of the node as: Authorization: Bearer <credential>.'],
  media_type: ['unsupported_media_type', `Send the batch as ${batchTypes.join(', ')}.`],
  unsupported_encoding: ['unsupported_media_type', 'Send the body with Content-Encoding gzip or without one.'],
  too_large: ['too_large', `A batch has at most ${MAX_BODY_BYTES} bytes, before compression. Send less at a time.`],
  too_many: ['too_large', `A batch has at most ${MAX_EVENTS} events. Send less at a time.`],
  broken: ['bad_request', 'The body ended early, or it is not the gzip that its Content-Encoding says.'],
  unreadable: ['bad_request', 'The body cannot be read.'],
} as const;

const refuse = (
  context: Context,
  { observer }: IngestDeps,
  why: keyof typeof refusals,
  nodeId?: string,
  detail?: string,
): Response => {
  const [code, usual, retryAfter] = refusals[why];
  const headers = {
    ...(retryAfter === undefined ? {} : { 'retry-after': String(retryAfter) }),
    ...(code === 'unauthorized' ? { 'www-authenticate': 'Bearer' } : {}),
  };
  const response = problem(context, code, detail ?? usual, { headers });
  observer?.onRefused?.({ status: response.status, ...(nodeId === undefined ? {} : { nodeId }) });
  return response;
};
