import { createHash } from 'node:crypto';
import { recordId } from '../../kong-plugin/src/domain/records/record-id.ts';
import { toInvocationEvent, type InvocationEvent } from '../../kong-plugin/src/domain/records/invocation-event.ts';

export const TENANTS = 200;
export const TOOLS = 40;

/** How calls fall on tenants and tools. `even`: nearly every event of a batch has a sum of its own, the worst there is. */
export type Spread = 'even' | 'skewed';

export interface Generator {
  next(occurredAt: number): InvocationEvent;
}

/** Events of some 1,300 bytes as the plugin ships them, for 200 tenants with 40 tools and 3 applications each. */
export const createGenerator = (nodeId: string, spread: Spread, seed = 1): Generator => {
  const random = randomFrom(seed);
  // Squaring twice: a tenth of the tenants makes half of the calls.
  const pick = (count: number): number => Math.floor((spread === 'even' ? random() : random() ** 3.3) * count);
  const epoch = '019cacafe0000badcafe';
  let sequence = 0;
  return {
    next: (occurredAt) => {
      sequence += 1;
      const digest = createHash('sha256').update(`${nodeId}/${seed}/${sequence}`).digest('hex');
      return toInvocationEvent(
        recordOf({ occurredAt, digest, tenant: pick(TENANTS), tool: pick(TOOLS), share: random() }),
        {
          nodeId,
          epoch,
          sequence,
        },
      );
    },
  };
};

interface Facts {
  readonly occurredAt: number;
  readonly digest: string;
  readonly tenant: number;
  readonly tool: number;
  /** From 0 to 1. */
  readonly share: number;
}

const recordOf = ({ occurredAt, digest, tenant, tool, share }: Facts): InvocationEvent['data'] => ({
  id: recordId({ startedAt: occurredAt, requestId: digest }),
  occurredAt: new Date(occurredAt).toISOString(),
  server: `server-${tool % 8}`,
  kind: 'tool',
  method: 'tools/call',
  tool: `tool-${tool}`,
  decision: 'allow',
  policy: 'tool-access',
  rule: `tenant-${tenant}-may-call`,
  policyRevision: '2026-11-20.3',
  plan: 'gold',
  tenant: `tenant-${tenant}`,
  application: `application-${Math.floor(share * 3)}`,
  user: `user-${digest.slice(0, 3)}`,
  consumer: `tenant-${tenant}-app`,
  consumerId: `5a0c2f6e-2b1d-4d3c-9b0a-${digest.slice(0, 12)}`,
  credentialId: 'credential-1',
  arguments: { order: digest.slice(0, 12), note: 'the invoice of last month', lines: [{ sku: 'a', count: 2 }] },
  argumentsSha256: createHash('sha256').update(digest).digest('hex'),
  jsonRpcId: 7,
  protocolVersion: '2025-11-25',
  session: digest.slice(0, 16),
  traceId: digest.slice(0, 32),
  client: { name: 'agent', version: '1.4.2' },
  userAgent: 'agent/1.4.2 (linux; x64)',
  clientIp: '192.0.2.1',
  outcome: share < 0.95 ? 'ok' : 'tool_error',
  status: 200,
  upstreamStatus: 200,
  latencyMs: { total: 20 + Math.floor(share * 200), kong: 2, upstream: 18 },
  requestBytes: 812,
  responseBytes: 2_301,
  httpMethod: 'POST',
  path: `/server-${tool % 8}/mcp`,
  kongRequestId: digest.slice(32),
  routeId: 'a9a1c4c6-2b1d-4d3c-9b0a-5f1e2d3c4b5a',
  serviceId: 'b9a1c4c6-2b1d-4d3c-9b0a-5f1e2d3c4b5a',
});

/** Mulberry32: the same numbers in every run. */
const randomFrom = (seed: number): (() => number) => {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
};
