import { describe, expect, it } from 'vitest';
import { readPdkOutcome } from './read-pdk-outcome.ts';
import { fakeKong, namesOf } from './testing/fake-kong.ts';

const serialized = {
  request: {
    id: '0123456789abcdef0123456789abcdef',
    method: 'POST',
    uri: '/mcp/orders?apikey=test-key',
    size: 300,
    headers: { apikey: 'test-key' },
  },
  response: { status: 200, size: 500 },
  latencies: { request: 9, kong: 2, proxy: 5 },
  client_ip: '127.0.0.1',
  started_at: 1_790_000_000_000,
  upstream_status: '200',
  consumer: { id: 'consumer-1' },
  route: { id: 'route-1' },
  service: { id: 'service-1' },
};
const verdict = { kind: 'mcp', id: 7, filter: false, admission: '{"from":"verdict"}' };
const refusal = { status: 200, admission: '{"from":"refusal"}' };

const read = async (state: {
  readonly serialized?: object;
  readonly verdict?: object;
  readonly refusal?: object;
  readonly source?: string;
}) => {
  const shared = new Map<unknown, unknown>([
    ['mcp_verdict', state.verdict],
    ['mcp_refusal', state.refusal],
  ]);
  const { kong, calls } = fakeKong({
    'log.serialize': JSON.stringify({ ...serialized, ...state.serialized }),
    'ctx.shared.get': (key: unknown) => shared.get(key),
    'response.getSource': state.source,
  });
  return { outcome: await readPdkOutcome(kong), calls };
};

describe('the outcome without mcp-guard', () => {
  it('holds what Kong says about the request, and no header or query of it, in 3 PDK calls', async () => {
    const { outcome, calls } = await read({ verdict });
    expect(namesOf(calls)).toEqual(['log.serialize', 'ctx.shared.get', 'ctx.shared.get']);
    expect(outcome).toEqual({
      v: 6,
      outcome: 'unknown',
      why: 'not_scanned',
      request_id: '0123456789abcdef0123456789abcdef',
      started_at: 1_790_000_000_000,
      client_ip: '127.0.0.1',
      method: 'POST',
      path: '/mcp/orders',
      status: 200,
      upstream_status: 200,
      request_bytes: 300,
      response_bytes: 500,
      latency: { total: 9, kong: 2, upstream: 5 },
      consumer: 'consumer-1',
      route_id: 'route-1',
      service_id: 'service-1',
      admission: '{"from":"verdict"}',
    });
  });

  it('of a refusal carries the admission that the plugin noted', async () => {
    const { outcome } = await read({
      refusal,
      serialized: { upstream_status: '', latencies: { request: 3, proxy: -1 } },
    });
    expect(outcome).toMatchObject({ outcome: 'refused', admission: '{"from":"refusal"}', latency: { total: 3 } });
    expect(outcome).not.toHaveProperty('upstream_status');
  });

  const status = (upstream: string | number, response = 200) => ({
    serialized: { upstream_status: upstream, response: { status: response, size: 1 } },
  });
  it.each([
    ['nothing judged it', status('', 401), 'none', 'not_governed'],
    ['the server answered 404', { verdict, ...status('404', 404) }, 'not_executed', undefined],
    ['the second try answered 200', { verdict, ...status('502, 200') }, 'unknown', 'not_scanned'],
    ['the last try answered 503', { verdict, ...status('200, 503', 503) }, 'upstream_error', undefined],
    ['a REST operation succeeded', { verdict: { ...verdict, kind: 'rest' }, ...status(201, 201) }, 'ok', undefined],
    ['no answer was owed', { verdict: { kind: 'mcp', filter: false }, ...status('202', 202) }, 'none', undefined],
    ['a list was withheld', { verdict: { ...verdict, filter: true }, ...status('200', 502) }, 'unknown', 'blocked'],
    ['the post-function refused', { verdict, source: 'exit', ...status('', 503) }, 'guard_refused', 'post_function'],
    ['another plugin refused', { verdict, source: 'exit', ...status('', 429) }, 'not_executed', 'gateway'],
    ['Kong failed before it asked', { verdict, source: 'error', ...status('', 500) }, 'not_executed', 'gateway'],
    ['the client left before an answer', { verdict, source: 'error', ...status('', 499) }, 'unknown', 'incomplete'],
    ['the server was not there', { verdict, source: 'error', ...status('', 502) }, 'upstream_error', 'gateway'],
  ])('when %s', async (_, state, ending, why) => {
    const { outcome } = await read(state);
    expect(outcome.outcome).toBe(ending);
    expect(outcome.why).toBe(why);
  });
});
