import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { waitFor } from '../setup/governed-demo.ts';
import { reasonOf, startOrders, type OrdersGateway } from './orders-gateway.ts';

const token = 'test-token-for-management-0123456789';

/** Months, so that no test runs across the end of a window. */
const limits = [
  { id: 'quota', window: 'month', limit: 3, per: ['tenant'], tools: ['search_orders'] },
  { id: 'per-user', window: 'month', limit: 9, per: ['user'] },
];

let gateway: OrdersGateway;
let managementUrl: string;
let consumer: object;
beforeAll(async () => {
  gateway = await startOrders({ policy: { limits }, config: { management: { port: 0, token } } });
  // The plugin starts with its first request.
  await gateway.call('delete_order');
  managementUrl = await waitFor(
    () =>
      gateway.lines.map((line) => /management API at (http:\/\/[\d.:]+)/.exec(line)?.[1]).find(Boolean) ?? undefined,
  );
  const { id, username, tags } = (await (await fetch(`${gateway.adminUrl}/consumers/alice`)).json()) as {
    readonly id: string;
    readonly username: string;
    readonly tags: readonly string[];
  };
  consumer = { id, username, tags };
});
afterAll(() => gateway.close());

const ask = async (body: object, key = token): Promise<{ readonly status: number; readonly body: unknown }> => {
  const answer = await fetch(`${managementUrl}/v1/limits/left`, {
    method: 'POST',
    headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  return { status: answer.status, body: await answer.json() };
};

const remaining = async (caller: object = consumer): Promise<Readonly<Record<string, number>>> => {
  const { body } = await ask({ server: 'orders', tool: 'search_orders', caller });
  const { limits: left } = body as {
    readonly limits: readonly { readonly rule: string; readonly remaining: number }[];
  };
  return Object.fromEntries(left.map((limit) => [limit.rule, limit.remaining]));
};

describe('the limits left, asked of a gateway that runs', () => {
  it('are what each call is told, from 3 left to none and a refusal; asking takes none', async () => {
    expect(await remaining()).toEqual({ quota: 3, 'per-user': 8 });
    for (const left of [2, 1, 0]) {
      const { headers } = await gateway.call();
      expect(headers.get('ratelimit')).toContain(`"quota";r=${left};`);
      expect(await remaining()).toEqual({ quota: left, 'per-user': left + 5 });
    }
    expect(reasonOf(await gateway.call())).toBe('quota_exhausted');
    expect(await remaining()).toEqual({ quota: 0, 'per-user': 5 });
  });

  it('are another consumer’s own', async () => {
    expect(await remaining({ id: 'c-9', username: 'bob', tags: ['tenant:globex'] })).toEqual({
      quota: 3,
      'per-user': 9,
    });
  });

  it('need the token, a body that can be read, and a server that was called', async () => {
    const asked = { server: 'orders', tool: 'search_orders', caller: consumer };
    expect((await ask(asked, 'wrong')).status).toBe(401);
    expect(await ask({ ...asked, tool: 7 })).toMatchObject({
      status: 400,
      body: { detail: expect.stringContaining('tool') },
    });
    expect(await ask({ ...asked, server: 'billing' })).toMatchObject({
      status: 404,
      body: { code: 'not_served' },
    });
  });
});
