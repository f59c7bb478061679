import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import {
  hasOpa,
  opaTitle,
  removeFolder,
  startOpa,
  writeFiles,
  type OpaServer,
} from '../../kong-plugin/src/stores/testing/opa-command.ts';
import { isServed, listTools, send } from '../failures/harness/mcp-client.ts';
import { bodyOf, reasonOf, startOrders, textOf, type OrdersGateway } from './orders-gateway.ts';

/** Large orders need a person; what passes is recorded without the note. */
const rego = `package mcp.governance

default decision := {"allow": false, "reason": "Only the orders of acme up to 100 are for agents."}

decision := {"allow": true, "obligations": {"redact": ["$.note"]}} if {
  input.caller.tenant == "acme"
  input.call.arguments.amount <= 100
}
`;

describe.skipIf(!hasOpa)(`a sidecar, ${opaTitle}`, () => {
  let folder: string;
  let opa: OpaServer;
  const open: OrdersGateway[] = [];

  beforeAll(async () => {
    folder = await writeFiles({ 'orders.rego': rego });
    opa = await startOpa([folder]);
  });
  afterEach(async () => {
    for (const gateway of open.splice(0)) await gateway.close();
  });
  afterAll(async () => {
    await opa.stop();
    await removeFolder(folder);
  });

  /** A deadline that a busy machine keeps. */
  const start = async (options: object = {}, sidecar = opa): Promise<OrdersGateway> => {
    const gateway = await startOrders({ config: { opa: { url: sidecar.url, deadline_ms: 10_000, ...options } } });
    open.push(gateway);
    return gateway;
  };

  const orderOf = (amount: number) => ({
    name: 'search_orders',
    arguments: { amount, note: 'for the anniversary', city: 'Rome' },
  });
  const order = (gateway: OrdersGateway, amount: number, key = 'key-alice') =>
    send(gateway.proxyUrl, { key, params: orderOf(amount) });

  it('allows a call, and its obligation keeps one argument out of the record but not from the server', async () => {
    const gateway = await start();
    expect(isServed(await order(gateway, 100))).toBe(true);
    const record = await gateway.recordWhere(({ decision }) => decision === 'allow');
    expect(record.arguments).toMatchObject({ amount: 100, city: 'Rome' });
    expect(JSON.stringify(record)).not.toContain('anniversary');
    expect(gateway.upstream.received).toHaveLength(1);
    const sent = { jsonrpc: '2.0', id: 1, method: 'tools/call', params: orderOf(100) };
    expect(gateway.upstream.received[0]?.bodyBytes).toBe(JSON.stringify(sent).length);
  });

  it('denies a call with the reason that the caller reads; the server never sees it', async () => {
    const gateway = await start();
    for (const refused of [await order(gateway, 101), await order(gateway, 1, 'key-bob')]) {
      expect(reasonOf(refused)).toBe('policy_denied');
      expect(bodyOf(refused).result?.isError).toBe(true);
      expect(textOf(refused)).toContain('Only the orders of acme up to 100 are for agents.');
    }
    expect(gateway.upstream.received).toHaveLength(0);
    const record = await gateway.recordWhere(({ decision }) => decision === 'deny');
    expect(record).toMatchObject({ policy: 'opa', rule: 'opa:denied', reason: 'policy_denied' });
  });

  it('is not asked about a list, and cannot allow what the rules refuse', async () => {
    const gateway = await startOrders({
      tools: ['delete_order'],
      config: { opa: { url: opa.url, deadline_ms: 10_000 } },
    });
    open.push(gateway);
    expect(isServed(await listTools(gateway.proxyUrl))).toBe(true);
    expect(bodyOf(await order(gateway, 1)).error?.code).toBe(-32602);
  });

  it('that is killed refuses with 503 what it had allowed, and the log says so', async () => {
    const sidecar = await startOpa([folder]);
    try {
      const gateway = await start({}, sidecar);
      expect(isServed(await order(gateway, 1))).toBe(true);
      await sidecar.stop();
      const refused = await order(gateway, 1);
      expect([refused.status, reasonOf(refused)]).toEqual([503, 'governance_unavailable']);
      expect(gateway.upstream.received).toHaveLength(1);
      expect(await gateway.recordWhere(({ decision }) => decision === 'deny')).toMatchObject({
        rule: 'opa:unanswered',
        status: 503,
      });
      expect(gateway.lines.some((line) => line.includes('OPA gave no answer'))).toBe(true);
    } finally {
      await sidecar.stop();
    }
  });

  it('in shadow mode lets pass what it would refuse, and records that', async () => {
    const gateway = await start({ mode: 'shadow' });
    expect(isServed(await order(gateway, 101))).toBe(true);
    const record = await gateway.recordWhere(({ tool }) => tool === 'search_orders');
    expect(record).toMatchObject({ decision: 'allow', shadow: ['opa'] });
  });
});
