import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { consumers, guard, keyAuth, service } from '../failures/harness/declarative.ts';
import { startTestGateway, type TestGateway } from '../failures/harness/test-gateway.ts';
import { waitFor } from '../setup/governed-demo.ts';

const closers: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

interface Payments {
  readonly gateway: TestGateway;
  /** Requests that reached the API. */
  readonly received: () => number;
  /** Status of the next answers. */
  readonly answerWith: (status: number) => void;
  readonly pay: (id?: string) => Promise<Response>;
}

/** One governed REST API; `alice` may read payments. */
const start = async (limits: readonly object[]): Promise<Payments> => {
  let status = 200;
  let received = 0;
  const api = createServer((incoming, outgoing) => {
    received += 1;
    incoming.resume().once('end', () => outgoing.writeHead(status, { 'content-type': 'application/json' }).end('{}'));
  });
  await new Promise<void>((resolve) => api.listen(0, '127.0.0.1', resolve));
  closers.push(() => new Promise((resolve) => api.close(resolve)));
  const governance = {
    name: 'mcp-governance',
    config: {
      server: { name: 'payments', kind: 'rest' },
      rules: [{ id: 'readers', tools: ['getPayment'] }],
      rest: { operations: [{ name: 'getPayment', method: 'GET', path: '/payments/{id}' }] },
      policy: { inline: JSON.stringify({ version: 1, limits }) },
    },
  };
  const url = `http://127.0.0.1:${(api.address() as AddressInfo).port}`;
  const routes = [{ name: 'payments', paths: ['/'], strip_path: false }];
  const gateway = await startTestGateway({
    declarative: {
      services: [service({ name: 'payments', url, plugins: [keyAuth, governance, guard], routes })],
      consumers,
    },
  });
  closers.push(() => gateway.close());
  return {
    gateway,
    received: () => received,
    answerWith: (next) => (status = next),
    pay: (id = '7') => fetch(`${gateway.proxyUrl}/payments/${id}`, { headers: { apikey: 'key-alice' } }),
  };
};

const month = (fields: object): object => ({ id: 'reads', window: 'month', per: ['tenant'], ...fields });
const remaining = ({ headers }: Response): string | null => headers.get('ratelimit-remaining');

describe('a REST operation under a quota of 2', () => {
  it('tells in RateLimit headers what is left, and then answers 429 with a problem document', async () => {
    const { pay, received, gateway } = await start([month({ limit: 2 })]);
    const first = await pay();
    expect([first.status, first.headers.get('ratelimit'), first.headers.get('ratelimit-policy')]).toEqual([
      200,
      expect.stringMatching(/^"reads";r=1;t=\d+$/),
      expect.stringMatching(/^"reads";q=2;w=\d+$/),
    ]);
    expect(remaining(await pay('8'))).toBe('0');
    const refused = await pay();
    expect(refused.status).toBe(429);
    expect(refused.headers.get('content-type')).toBe('application/problem+json');
    expect(refused.headers.get('retry-after')).toMatch(/^[1-9]\d*$/);
    expect(remaining(refused)).toBe('0');
    expect(await refused.json()).toMatchObject({
      status: 429,
      type: 'urn:mcp-governance:reason:quota_exhausted',
      rule: 'reads',
      tool: 'getPayment',
      limit: 2,
      used: 2,
      remaining: 0,
      detail: expect.stringContaining('2 of 2 used this month'),
    });
    expect(received()).toBe(2);
    const record = await gateway.recordWhere(({ decision }) => decision === 'deny');
    expect(record).toMatchObject({ tool: 'getPayment', reason: 'quota_exhausted', rule: 'reads', outcome: 'refused' });
  });
});

describe('units of a REST operation that failed', () => {
  it.each([
    ['client_error', 404],
    ['server_error', 503],
  ])('come back when the limit says give_back: [%s] and the API answers %i', async (ending, status) => {
    const { pay, answerWith } = await start([month({ limit: 2, give_back: [ending] })]);
    answerWith(status);
    expect([(await pay()).status, (await pay()).status]).toEqual([status, status]);
    answerWith(200);
    const served = await waitFor(async () => {
      const answer = await pay();
      return answer.status === 200 ? answer : undefined;
    });
    expect(Number(remaining(served))).toBeGreaterThanOrEqual(0);
  });

  it.each([
    ['without give_back', 404, []],
    ['after another ending', 503, ['client_error']],
    ['after a success', 200, ['client_error', 'server_error', 'tool_error']],
  ])('stay counted %s', async (_, status, giveBack) => {
    const { pay, answerWith, gateway } = await start([month({ limit: 1, give_back: giveBack })]);
    answerWith(status);
    expect((await pay()).status).toBe(status);
    await gateway.recordWhere((record) => record.status === status);
    expect((await pay()).status).toBe(429);
    // The log phase of the first call is over by the time that a later request has its record.
    await gateway.recordWhere(({ reason }) => reason === 'quota_exhausted');
    expect((await pay()).status).toBe(429);
  });
});
