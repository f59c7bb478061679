import { InputError, NotFoundError } from '@backstage/errors';
import { z } from 'zod';
import {
  toolReadPermission,
  toolTryPermission,
  type TryCost,
  type TryResult,
} from '@mcp-governance/backstage-plugin-tool-catalog-common';
import type { RecordItem } from '../billing/BillingClient';
import type { ApplicationRecord } from '../database/ApplicationStore';
import type { Services } from '../services';
import { callThroughGateway } from '../tryIt/GatewayCaller';
import { refusalInWords } from '../tryIt/refusalInWords';
import { openTryStream, type TryStream } from '../tryIt/tryStream';
import { route, type Route } from './route';

const attempt = z.object({
  application: z.string().max(40),
  server: z.string().max(200),
  tool: z.string().max(256),
  arguments: z.record(z.string(), z.unknown()).default({}),
});

/** A gateway ships its records about once a second; after this the cost is shown on the usage page only. */
const RECORD_WAIT_MS = 8_000;
const RECORD_POLL_MS = 400;

export const tryRoutes = (services: Services): readonly Route[] => [
  route<Record<string, never>, z.infer<typeof attempt>>({
    operationId: 'tryTool',
    method: 'post',
    path: '/try',
    summary: 'Calls a tool through the gateway as one of the viewer’s applications: progress, result, cost as events',
    body: attempt,
    produces: 'text/event-stream',
    handle: async ({ viewer, body, response }) => {
      const { access, directory, applications, tryKeys } = services;
      const application = await access.onApplication(
        viewer,
        toolTryPermission,
        await applications.find(body.application),
      );
      const server = await access.onServer(viewer, toolReadPermission, await directory.server(body.server));
      const definition = await directory.tool(server, body.tool);
      if (definition === undefined) throw new NotFoundError(`${server.title} has no tool ${body.tool}.`);
      if (server.gatewayUrl === '')
        throw new InputError(`The catalog does not say where ${server.title} is at the gateway.`);
      const key = await tryKeys.keyOf(application);
      const stream = openTryStream(response);
      const result = await callThroughGateway({
        ...{ url: server.gatewayUrl, kind: server.kind, tool: body.tool, arguments: body.arguments, key },
        ...(definition.operation === undefined ? {} : { operation: definition.operation }),
        signal: stream.signal,
        onProgress: (progress) => stream.send({ type: 'progress', ...progress }),
      });
      await conclude(services, stream, { result, application, tool: body.tool });
      return undefined;
    },
  }),
];

/** A call in the ledger, with what it cost and why it was refused. */
interface RecordedCall {
  readonly item: RecordItem;
  readonly cost: string;
  readonly detail?: string;
}

interface Concluded {
  readonly result: TryResult;
  readonly application: ApplicationRecord;
  readonly tool: string;
}

/**
 * What came back is shown at once. Why a call was refused, and what it cost, is in its record: a refusal waits for it, since
 * the gateway tells a caller of a hidden tool no more than that there is none.
 */
const conclude = async (services: Services, stream: TryStream, concluded: Concluded): Promise<void> => {
  const { result, application, tool } = concluded;
  if (result.outcome === 'ok') stream.send({ type: 'result', result });
  const record = await waitForRecord(services, stream, { traceId: result.traceId, tenant: application.tenant });
  if (result.outcome !== 'ok')
    stream.send({ type: 'result', result: withReason(result, record, { application, tool }) });
  stream.send({ type: 'cost', cost: costOf(record) });
  stream.end();
};

const withReason = (
  result: TryResult,
  record: RecordedCall | undefined,
  { application, tool }: Pick<Concluded, 'application' | 'tool'>,
): TryResult =>
  record?.item.decision === 'deny'
    ? {
        ...result,
        outcome: 'refused',
        message: refusalInWords(
          { ...record.item, ...(record.detail === undefined ? {} : { detail: record.detail }) },
          { tool, application: application.name },
        ),
      }
    : result;

const costOf = (record: RecordedCall | undefined): TryCost =>
  record === undefined
    ? { text: 'not known yet: see "Usage and cost" in a moment' }
    : { text: record.cost, invocationId: record.item.id };

const waitForRecord = async (
  services: Services,
  { signal }: TryStream,
  wanted: { readonly traceId: string; readonly tenant: string },
): Promise<RecordedCall | undefined> => {
  const { billing, now } = services;
  if (!billing.isConfigured) return undefined;
  for (const end = now() + RECORD_WAIT_MS; now() < end && !signal.aborted;) {
    const record = await recordOfTrace(services, wanted).catch(() => undefined);
    if (record !== undefined) return record;
    await new Promise((resolve) => setTimeout(resolve, RECORD_POLL_MS));
  }
  return undefined;
};

/** A handshake belongs to the same trace: only a record that names a tool is the call. */
const recordOfTrace = async (
  { billing, now }: Services,
  { traceId, tenant }: { readonly traceId: string; readonly tenant: string },
): Promise<RecordedCall | undefined> => {
  const { items } = await billing.records({
    from: new Date(now() - 10 * 60_000).toISOString(),
    to: new Date(now() + 60_000).toISOString(),
    tenant,
    traceId,
  });
  const item = items.find(({ tool }) => tool !== undefined);
  if (item === undefined) return undefined;
  const { cost, record } = await billing.invocation(item.id);
  return { item, cost: cost.text, ...(record?.detail === undefined ? {} : { detail: record.detail }) };
};
