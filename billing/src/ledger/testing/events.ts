import { createHash } from 'node:crypto';
import { recordId } from '../../../../kong-plugin/src/domain/records/record-id.ts';
import {
  toInvocationEvent,
  type InvocationEvent,
} from '../../../../kong-plugin/src/domain/records/invocation-event.ts';
import type { InvocationRecord } from '../../../../kong-plugin/src/domain/records/invocation-record.ts';
import type { IncomingEvent } from '../receive-event.ts';

export const EPOCH = '019cacafe0000badcafe';

export interface EventOptions {
  /** Of the node within its epoch; also makes the id. */
  readonly sequence: number;
  readonly occurredAt?: string;
  readonly nodeId?: string;
  readonly epoch?: string;
  /** Fields of the record. `undefined` leaves one out. */
  readonly record?: { readonly [Field in keyof InvocationRecord]?: InvocationRecord[Field] | undefined };
}

/** An event as the plugin ships it: tenant acme's application support calls create_invoice of server orders. */
export const newEvent = (options: EventOptions): InvocationEvent => {
  const { sequence, occurredAt = new Date().toISOString(), nodeId = 'gw-1', epoch = EPOCH } = options;
  const requestId = createHash('sha256').update(`${nodeId}/${epoch}/${sequence}`).digest('hex').slice(0, 32);
  const record = {
    id: recordId({ startedAt: Date.parse(occurredAt), requestId }),
    occurredAt,
    server: 'orders',
    kind: 'tool',
    method: 'tools/call',
    tool: 'create_invoice',
    decision: 'allow',
    policy: 'tool-access',
    rule: 'acme-support',
    tenant: 'acme',
    application: 'support',
    user: 'ann',
    consumer: 'acme-support',
    argumentsSha256: createHash('sha256').update(String(sequence)).digest('hex'),
    outcome: 'ok',
    status: 200,
    upstreamStatus: 200,
    latencyMs: { total: 40, kong: 2, upstream: 35 },
    requestBytes: 800,
    responseBytes: 2_000,
    httpMethod: 'POST',
    path: '/orders/mcp',
    kongRequestId: requestId,
    ...options.record,
  };
  // A test may leave a field out to see it refused.
  return toInvocationEvent(record as InvocationRecord, { nodeId, epoch, sequence });
};

/** Events 1 to `count`, or from `first` on. */
export const newEvents = (
  count: number,
  options: Omit<EventOptions, 'sequence'> & { readonly first?: number } = {},
): readonly InvocationEvent[] =>
  Array.from({ length: count }, (_, index) => newEvent({ ...options, sequence: (options.first ?? 1) + index }));

/** As the body of a request holds them. */
export const incoming = (events: readonly unknown[]): readonly IncomingEvent[] =>
  events.map((event) => {
    const raw = JSON.stringify(event);
    return { raw, value: JSON.parse(raw) as unknown };
  });
