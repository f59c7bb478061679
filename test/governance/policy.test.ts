import { createHmac } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { isServed, listTools, send } from '../failures/harness/mcp-client.ts';
import { waitFor } from '../setup/governed-demo.ts';
import { bodyOf, reasonOf, snapshot, startOrders, type OrdersGateway, type OrdersOptions } from './orders-gateway.ts';

const closers: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

const start = async (options: OrdersOptions): Promise<OrdersGateway> => {
  const gateway = await startOrders(options);
  closers.push(() => gateway.close());
  return gateway;
};

const file = 'policy.yaml';
const fromFile = { policy: { file } };
const nobodySearches = { rules: [{ id: 'no-search', effect: 'deny', tools: ['search_orders'] }] };
const nobodyDeletes = { rules: [{ id: 'no-delete', effect: 'deny', tools: ['delete_order'] }] };

/** A new policy is in force within two seconds; asks until it is. */
const untilRefused = (gateway: OrdersGateway, tool?: string) =>
  waitFor(async () => {
    const answer = await gateway.call(tool);
    return isServed(answer) && bodyOf(answer).result?.isError !== true ? undefined : answer;
  });

describe('a policy in a file', () => {
  it('that changes is in force without a reload, for calls and for lists, and records name its revision', async () => {
    const gateway = await start({ config: fromFile, files: { [file]: nobodyDeletes } });
    expect(isServed(await gateway.call())).toBe(true);
    gateway.write(file, nobodySearches);
    expect(bodyOf(await untilRefused(gateway)).error?.code).toBe(-32602);
    expect(isServed(await gateway.call('delete_order'))).toBe(true);
    const listed = bodyOf(await listTools(gateway.proxyUrl)).result?.tools?.map(({ name }) => name);
    expect(listed).toEqual(['delete_order']);
    const denied = await gateway.recordWhere(({ decision }) => decision === 'deny');
    expect(denied.rule).toBe('no-search');
    const allowed = await gateway.recordWhere(({ tool }) => tool === 'search_orders');
    expect(allowed.policyRevision).toMatch(/./);
    expect(denied.policyRevision).not.toBe(allowed.policyRevision);
  });

  it('that becomes bad is refused whole: the log names the place, and the one before stays', async () => {
    const gateway = await start({ config: fromFile, files: { [file]: nobodyDeletes } });
    expect(bodyOf(await gateway.call('delete_order')).error?.code).toBe(-32602);
    gateway.write(file, { rules: [...nobodySearches.rules, { id: 'bad', effect: 'forbid', tools: ['*'] }] });
    const line = await waitFor(() => gateway.lines.find((text) => text.includes('rules[1].effect')));
    expect(line).toContain('error');
    expect(isServed(await gateway.call('search_orders'))).toBe(true);
    expect(bodyOf(await gateway.call('delete_order')).error?.code).toBe(-32602);
    gateway.write(file, nobodySearches);
    await untilRefused(gateway);
    expect(isServed(await gateway.call('delete_order'))).toBe(true);
  });

  it('whose subscription is revoked refuses the next call after it, and tells the model why', async () => {
    const policyWith = (state: string): object => ({
      servers: [{ id: 'orders' }],
      applications: [{ id: 'desk', match: { consumers: ['alice'] } }],
      plans: [{ id: 'basic', tools: ['search_*'] }],
      subscriptions: [{ application: 'desk', server: 'orders', plan: 'basic', state }],
    });
    const gateway = await start({ config: fromFile, files: { [file]: policyWith('active') } });
    expect(isServed(await gateway.call())).toBe(true);
    expect((await gateway.recordWhere(({ decision }) => decision === 'allow')).plan).toBe('basic');
    gateway.write(file, policyWith('revoked'));
    const refused = await untilRefused(gateway);
    const reached = gateway.upstream.received.length;
    expect(reasonOf(refused)).toBe('subscription_inactive');
    expect(bodyOf(refused).result?.isError).toBe(true);
    for (const _ of [1, 2, 3]) expect(reasonOf(await gateway.call())).toBe('subscription_inactive');
    expect(gateway.upstream.received).toHaveLength(reached);
    gateway.write(file, policyWith('active'));
    await waitFor(async () => (reasonOf(await gateway.call()) === undefined ? true : undefined));
  });

  it('that is missing refuses every call, list and handshake with 503, until it is there', async () => {
    const gateway = await start({ config: fromFile });
    for (const method of ['initialize', 'ping', 'tools/list', 'tools/call']) {
      const params = method === 'tools/call' ? { name: 'search_orders' } : {};
      expect((await send(gateway.proxyUrl, { method, params })).status, method).toBe(503);
    }
    expect(gateway.upstream.received).toHaveLength(0);
    const { reason } = await gateway.recordWhere(({ status }) => status === 503);
    expect(reason).toBe('governance_unavailable');
    gateway.write(file, nobodyDeletes);
    await waitFor(async () => (isServed(await gateway.call()) ? true : undefined));
  });
});

describe('a policy from a signed address', () => {
  const secret = 'test-secret-of-the-policy-0123456789';
  const stranger = 'test-secret-of-somebody-else-0123456789';

  const token = 'test-token-of-the-gateway';

  /** Publishes one document at a time to who shows the token; counts how often it was asked for. */
  const publish = async (first: object) => {
    const offer = { text: snapshot(first), key: secret, asked: 0 };
    const server = createServer((incoming, outgoing) => {
      offer.asked += 1;
      if (incoming.headers.authorization !== `Bearer ${token}`) return outgoing.writeHead(401).end();
      const signature = createHmac('sha256', offer.key).update(offer.text).digest('hex');
      outgoing.writeHead(200, { 'x-policy-signature': `sha256=${signature}` }).end(offer.text);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    closers.push(async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    });
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/policy`;
    return { url, offer };
  };

  const startFrom = async (url: string): Promise<OrdersGateway> =>
    start({ config: { policy: { url, hmac_secret: secret, token, poll_seconds: 1 } } });

  it('is in force for the very first call, and so is a change of it later', async () => {
    const { url, offer } = await publish(nobodyDeletes);
    const gateway = await startFrom(url);
    expect(isServed(await gateway.call())).toBe(true);
    expect(bodyOf(await gateway.call('delete_order')).error?.code).toBe(-32602);
    offer.text = snapshot(nobodySearches);
    await untilRefused(gateway);
    expect(isServed(await gateway.call('delete_order'))).toBe(true);
  });

  it('that another key signed never comes into force: the one before stays, and the log says why', async () => {
    const { url, offer } = await publish(nobodyDeletes);
    const gateway = await startFrom(url);
    await waitFor(async () => (isServed(await gateway.call()) ? true : undefined));
    Object.assign(offer, { text: snapshot(nobodySearches), key: stranger });
    await waitFor(() => gateway.lines.find((line) => line.includes('sha256 signature of the policy is wrong')));
    expect(isServed(await gateway.call())).toBe(true);
    expect(bodyOf(await gateway.call('delete_order')).error?.code).toBe(-32602);
  });

  it('that another key signed from the start means 503 for every call', async () => {
    const { url, offer } = await publish(nobodyDeletes);
    offer.key = stranger;
    const gateway = await startFrom(url);
    await gateway.call();
    const asked = await waitFor(() => (offer.asked >= 2 ? offer.asked : undefined));
    expect(asked).toBeGreaterThanOrEqual(2);
    expect((await gateway.call()).status).toBe(503);
    expect(gateway.upstream.received).toHaveLength(0);
  });
});
