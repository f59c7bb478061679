import { afterEach, describe, expect, it } from 'vitest';
import type { LimitsQuestion, LimitsUnknown } from '../domain/limits/limits-left.ts';
import { failure, success } from '../domain/result.ts';
import { MemoryPinStore } from '../stores/memory-pin-store.ts';
import { startManagementServer, type ManagementOptions, type ManagementServer } from './start-management-server.ts';

const token = 'a-token-of-forty-characters-0123456789ab';
const noon = Date.parse('2026-11-23T12:00:00Z');
const limit = { rule: 'month', kind: 'rate', window: 'month', limit: 10, used: 3, remaining: 7, cost: 1 } as const;
const asked = { server: 'orders', tool: 'search_orders', caller: { id: 'c-1', username: 'app-desk' } };

const servers: ManagementServer[] = [];
afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.close()));
});

const start = async (limitsLeft: ManagementOptions['limitsLeft']): Promise<string> => {
  const started = await startManagementServer({
    ...{ port: 0, token, pins: new MemoryPinStore(), limitsLeft, now: () => noon },
    readiness: () => ({ ready: true, components: {} }),
    metrics: () => ({ contentType: 'text/plain', body: '' }),
    peek: () => Promise.reject(new Error('not asked')),
  });
  if (!started.ok) throw new Error(started.error);
  servers.push(started.value);
  return started.value.url;
};

const send = async (url: string, body: unknown, headers: Record<string, string> = {}) => {
  const answer = await fetch(`${url}/v1/limits/left`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
  });
  return { status: answer.status, type: answer.headers.get('content-type'), body: await answer.json() };
};

describe('the limits left of a caller', () => {
  it('are asked for with the consumer as Kong has it, and answered as they stand now', async () => {
    const questions: [LimitsQuestion, number][] = [];
    const url = await start(async (...question) => (questions.push(question), success([limit])));
    const caller = { id: 'c-1', username: 'app-desk', custom_id: 'crm-7', tags: ['tenant:acme'], groups: ['gold'] };
    expect(await send(url, { ...asked, caller })).toMatchObject({ status: 200, body: { limits: [limit] } });
    expect((await send(url, asked)).status).toBe(200);
    const consumer = { id: 'c-1', username: 'app-desk' };
    expect(questions).toEqual([
      [
        {
          ...{ server: 'orders', tool: 'search_orders', groups: ['gold'] },
          consumer: { ...consumer, customId: 'crm-7', tags: ['tenant:acme'] },
        },
        noon,
      ],
      [{ server: 'orders', tool: 'search_orders', groups: [], consumer: { ...consumer, tags: [] } }, noon],
    ]);
  });

  it.each<[unknown, string]>([
    [[], 'body: expected an object.'],
    [{ ...asked, server: undefined }, 'server: expected a text of 1 to 512 characters, none for control.'],
    [{ ...asked, tool: '' }, 'tool: expected a text of 1 to 512 characters, none for control.'],
    [{ ...asked, tool: 'a\0b' }, 'tool: expected a text of 1 to 512 characters, none for control.'],
    [{ ...asked, tool: 'x'.repeat(513) }, 'tool: expected a text of 1 to 512 characters, none for control.'],
    [{ ...asked, caller: 'app-desk' }, 'caller: expected an object.'],
    [{ ...asked, caller: {} }, 'caller.id: expected a text of 1 to 512 characters, none for control.'],
    [
      { ...asked, caller: { id: 'c-1', username: 7 } },
      'caller.username: expected a text of 1 to 512 characters, none for control.',
    ],
    [{ ...asked, caller: { id: 'c-1', tags: 'tenant:acme' } }, 'caller.tags: expected a list of at most 256 names.'],
    [{ ...asked, caller: { id: 'c-1', tags: [7] } }, 'caller.tags: expected a list of at most 256 names.'],
    [{ ...asked, caller: { id: 'c-1', groups: [''] } }, 'caller.groups: expected a list of at most 256 names.'],
    [{ ...asked, caller: { id: 'c-1', customId: 'x' } }, 'caller.customId: there is no such field.'],
    [{ ...asked, consumer: 'x' }, 'consumer: there is no such field.'],
  ])('are not asked for by %j: %s', async (body, detail) => {
    const url = await start(() => Promise.reject(new Error('not asked')));
    expect(await send(url, body)).toMatchObject({
      status: 400,
      type: 'application/problem+json',
      body: { code: 'bad_request', detail },
    });
  });

  it.each<[LimitsUnknown, number, string, string]>([
    [{ reason: 'unknown_server' }, 404, 'not_served', 'server: this node has not served a call of it since it started'],
    [{ reason: 'unknown_tool' }, 404, 'not_found', 'tool: the API has no such operation.'],
    [{ reason: 'unclear_caller', detail: 'Two tenants.' }, 400, 'bad_request', 'caller.tags: Two tenants.'],
    [{ reason: 'no_policy' }, 503, 'unavailable', 'There is no policy to judge by now'],
    [{ reason: 'store_away' }, 503, 'unavailable', 'The counters cannot be asked now'],
  ])('cannot be told for %j: %i %s', async (why, status, code, detail) => {
    const url = await start(async () => failure(why));
    const answer = await send(url, asked);
    expect([answer.status, answer.type]).toEqual([status, 'application/problem+json']);
    expect(answer.body).toMatchObject({ status, code, detail: expect.stringContaining(detail) });
  });

  it('are for those with the token only', async () => {
    const url = await start(() => Promise.reject(new Error('not asked')));
    expect((await send(url, asked, { authorization: 'Bearer wrong' })).status).toBe(401);
  });
});
