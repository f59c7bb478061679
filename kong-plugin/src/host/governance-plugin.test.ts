import { describe, expect, it } from 'vitest';
import { readConfig } from '../config/read-config.ts';
import type { NodePosition } from '../domain/records/invocation-event.ts';
import type { InvocationRecord } from '../domain/records/invocation-record.ts';
import { recordIn } from '../domain/records/stored-record.ts';
import type { Intended, Metering } from '../ports/metering.ts';
import type { RecordSink, SinkHealth } from '../ports/record-sink.ts';
import { frameText } from '../domain/framed-text.ts';
import { failure, success } from '../domain/result.ts';
import { parseSnapshot } from '../config/parse-snapshot.ts';
import { createMemoryCounterStore } from '../stores/memory-counter-store.ts';
import { MemoryPinStore } from '../stores/memory-pin-store.ts';
import { createInlinePolicySource } from '../stores/policy-source-inline.ts';
import { createMemoryTaskOwners } from '../stores/memory-task-owners.ts';
import { GovernancePlugin } from './governance-plugin.ts';
import type { GuardOutcome, Judgement, Verdict } from './guard-protocol.ts';
import type { PluginResources } from './plugin-resources.ts';
import {
  factLines,
  factsOf,
  fakeKong,
  namesOf,
  readVerdictText,
  packFacts,
  toldFacts,
  type KongCall,
  type SentFacts,
} from './testing/fake-kong.ts';

const NOW = Date.parse('2026-11-23T10:00:00Z');

const position: NodePosition = { nodeId: 'gw-1', epoch: '019cacafe0000badcafe', sequence: 41 };

interface Circumstances {
  readonly health?: SinkHealth;
  readonly intended?: Intended;
}

const setUp = (changes: object = {}, { health = { ok: true }, intended = { position } }: Circumstances = {}) => {
  const records: InvocationRecord[] = [];
  const intents: InvocationRecord[] = [];
  const metered: { readonly record: InvocationRecord; readonly position: NodePosition | undefined }[] = [];
  const logged: string[] = [];
  const sink: RecordSink = {
    append: (record) => void records.push(recordIn(record)),
    flush: () => Promise.resolve(),
    close: () => Promise.resolve(),
    health: () => health,
  };
  const metering: Metering = {
    intend: (record) => {
      intents.push(recordIn(record));
      return Promise.resolve(intended);
    },
    append: (record, position) => void metered.push({ record: recordIn(record), position }),
    health: () => health,
    close: () => Promise.resolve(),
  };
  const resources: PluginResources = {
    sessionKey: () => 'test-session-key-of-32-characters',
    recordSink: () => sink,
    metering: () => metering,
    taskOwners: createMemoryTaskOwners({ now: () => NOW }),
    pinStore: () => new MemoryPinStore(),
    counterStore: () => createMemoryCounterStore(),
    policySource: (settings) => {
      const parsed = settings.source.kind === 'inline' ? parseSnapshot(settings.source.text) : undefined;
      if (parsed?.ok !== true) throw new Error(JSON.stringify(parsed));
      return success(createInlinePolicySource({ snapshot: parsed.value, now: () => NOW }));
    },
    policyEngine: () => failure('none here'),
    refreshPins: () => () => undefined,
    manage: () => () => undefined,
    observe: () => undefined,
    log: ({ message }) => void logged.push(message),
    now: () => NOW,
    close: () => Promise.resolve(),
  };
  const config = readConfig({
    server: { name: 'orders' },
    rules: [{ id: 'desk', callers: { consumers: ['acme-support'] }, tools: ['search_orders'] }],
    service_id: 'service-1',
    ...changes,
  });
  if (!config.ok) throw new Error(config.error.join('; '));
  return { plugin: new GovernancePlugin(config.value, resources), records, logged, intents, metered };
};

const onceAMinute = JSON.stringify({
  version: 1,
  limits: [{ id: 'once', window: 'minute', limit: 1, per: ['application'], tools: ['search_orders'] }],
});

const callOf = (name: string) => ({
  jsonrpc: '2.0',
  id: 7,
  method: 'tools/call',
  params: { name, arguments: { query: 'lamp' } },
});
const access = async (message: unknown, changes = {}, facts = {}) => {
  const { plugin, ...rest } = setUp(changes);
  const { kong, calls } = fakeKong({ 'mcp_guard.facts': packFacts(factsOf(message, facts)) });
  await plugin.access(kong);
  return { plugin, calls, ...rest };
};
const verdictOf = (calls: readonly KongCall[]): Verdict => {
  const [verdict, admission] = calls.at(-1)?.parameters ?? [];
  return { ...readVerdictText(String(verdict)), admission: String(admission) };
};

const outcome: GuardOutcome = {
  v: 6,
  outcome: 'ok',
  request_id: '0123456789abcdef0123456789abcdef',
  started_at: NOW,
  client_ip: '127.0.0.1',
  method: 'POST',
  path: '/mcp/orders',
  status: 200,
  upstream_status: 200,
  request_bytes: 120,
  response_bytes: 80,
  latency: { kong: 1, upstream: 2, total: 4 },
};

describe('access', () => {
  it('costs an allowed tools/call 2 PDK calls, of the 4 that the budget grants', async () => {
    const { calls } = await access(callOf('search_orders'));
    expect(namesOf(calls)).toEqual(['mcp_guard.facts', 'mcp_guard.admit']);
  });

  it('costs a refused tools/call 2 as well: the refusal ends the request', async () => {
    const { calls } = await access(callOf('delete_order'));
    expect(namesOf(calls)).toEqual(['mcp_guard.facts', 'mcp_guard.refuse']);
    expect(calls[1]?.parameters.slice(0, 2)).toEqual([
      200,
      '{"jsonrpc":"2.0","id":7,"error":{"code":-32602,"message":"Unknown tool: delete_order"}}',
    ]);
  });

  it('tells the guard whom and what it judged, and to drop the credential', async () => {
    const { calls } = await access(callOf('search_orders'));
    expect(verdictOf(calls)).toMatchObject({
      v: 6,
      consumer: 'consumer-1',
      scope: 'service',
      scope_id: 'service-1',
      request_id: '0123456789abcdef0123456789abcdef',
      filter: false,
      id: 7,
      kind: 'mcp',
      clear_headers: ['apikey'],
    });
  });

  it('keeps buffering for a list only', async () => {
    const { calls } = await access({ jsonrpc: '2.0', id: 'a', method: 'tools/list' });
    expect(verdictOf(calls)).toMatchObject({ filter: true, id: 'a' });
  });

  it.each([
    ['no guard on the node', undefined, 'mcp-guard is not installed'],
    ['another version of the guard', packFacts({ ...factsOf(callOf('search_orders')), v: 1 }), 'another version'],
    [
      'a guard that is not on this route',
      packFacts(factsOf(callOf('search_orders'), { covered: false })),
      'mcp-guard is not enabled on this route',
    ],
  ])('refuses with 503 and tells the operator: %s', async (_, facts, why) => {
    const { plugin, logged } = setUp();
    const { kong, calls } = fakeKong({ 'mcp_guard.facts': facts });
    await plugin.access(kong);
    expect(namesOf(calls)).toEqual(['mcp_guard.facts', 'response.exit']);
    expect(calls[1]?.parameters[0]).toBe(503);
    expect(logged.join()).toContain(why);
  });

  it('refuses with 503 while records cannot be written', async () => {
    const { plugin } = setUp({}, { health: { ok: false, why: 'disk full' } });
    const { kong, calls } = fakeKong({ 'mcp_guard.facts': packFacts(factsOf(callOf('search_orders'))) });
    await plugin.access(kong);
    expect(calls.at(-1)).toMatchObject({
      name: 'response.exit',
      parameters: [503, expect.anything(), expect.anything()],
    });
  });

  it.each([
    ['a body over the limit', { body_error: 'too_large' as const }, 413],
    ['more headers than are read', { headers_truncated: true }, 431],
    ['a body that could not be read', { body_error: 'unreadable' as const }, 503],
  ])('refuses %s', async (_, facts, status) => {
    const { calls } = await access(callOf('search_orders'), {}, facts);
    expect(calls.at(-1)).toMatchObject({ name: 'mcp_guard.refuse' });
    expect(calls.at(-1)?.parameters[0]).toBe(status);
  });

  it('treats the consumer that Kong fell back to as nobody', async () => {
    const facts = { headers: { ...factsOf({}).headers, 'x-anonymous-consumer': ['true'] } };
    const { calls } = await access(callOf('search_orders'), {}, facts);
    expect(calls.at(-1)?.parameters[0]).toBe(401);
  });

  it('cannot judge rules about groups when Kong could not say which they are', async () => {
    const rules = [{ id: 'gold', callers: { groups: ['gold'] }, tools: ['*'] }];
    const { calls } = await access(callOf('search_orders'), { rules }, { groups_error: 'database is away' });
    expect(calls.at(-1)?.parameters[0]).toBe(503);
  });

  it('serves the RFC 9728 document to anybody', async () => {
    const oauth = {
      resource: 'https://gw.example.com/mcp/orders',
      authorization_servers: ['https://login.example.com'],
    };
    const { calls } = await access(
      '',
      { oauth },
      { method: 'GET', path: '/.well-known/oauth-protected-resource/mcp/orders' },
    );
    expect(calls.at(-1)).toMatchObject({ name: 'response.exit' });
    expect(JSON.parse(String(calls.at(-1)?.parameters[1]))).toMatchObject({
      resource: 'https://gw.example.com/mcp/orders',
      authorization_servers: ['https://login.example.com'],
    });
  });
});

describe('judge', () => {
  const judge = async (message: unknown, changes = {}, facts: Partial<SentFacts> = {}) => {
    const { plugin, logged } = setUp(changes);
    const told = toldFacts(factsOf(message, facts));
    return { judgement: await plugin.judge(told), logged };
  };
  const replyOf = (judgement: Judgement): unknown =>
    'text' in judgement ? (JSON.parse(judgement.text) as readonly unknown[])[1] : undefined;

  it('admits with the verdict and the admission of the access phase', async () => {
    const { judgement } = await judge(callOf('search_orders'));
    const { calls } = await access(callOf('search_orders'));
    expect(judgement).toEqual({
      kind: 'admit',
      text: calls.at(-1)?.parameters[0],
      admission: calls.at(-1)?.parameters[1],
    });
  });

  it('refuses with the reply and the admission of the access phase', async () => {
    const { judgement } = await judge(callOf('delete_order'));
    const [status, body, headers, admission] = (await access(callOf('delete_order'))).calls.at(-1)?.parameters ?? [];
    expect(judgement).toMatchObject({ kind: 'refuse', admission });
    expect(replyOf(judgement)).toEqual({ status, body, headers });
  });

  it('exits with a document of its own', async () => {
    const oauth = { resource: 'https://gw.example.com/mcp/orders', authorization_servers: ['https://id.example.com'] };
    const path = '/.well-known/oauth-protected-resource/mcp/orders';
    const { judgement } = await judge('', { oauth }, { method: 'GET', path });
    expect(judgement.kind).toBe('exit');
    expect(replyOf(judgement)).toMatchObject({ status: 200 });
  });

  it('has the whole phase run where the policy needs groups that nobody asked for', async () => {
    const rules = [{ id: 'gold', callers: { groups: ['gold'] }, tools: ['*'] }];
    expect((await judge(callOf('search_orders'), { rules })).judgement).toEqual({ kind: 'ask' });
    expect((await judge(callOf('search_orders'), { rules }, { groups: ['gold'] })).judgement.kind).toBe('admit');
    expect((await judge(callOf('search_orders'), { rules }, { groups: [] })).judgement.kind).toBe('refuse');
  });

  const facts = factsOf(callOf('search_orders'));
  it.each([
    ['JSON, as an older guard sends it', frameText(facts.request_id, facts), 'another version'],
    ['another version', factLines({ ...facts, v: 5 }), 'another version'],
    ['another id at the end', factLines(facts).replace(/.$/, 'x'), 'another version'],
    ['a line too many', factLines({ ...facts, query: 'a\nb' }), 'another version'],
    ['headers that are no JSON', factLines(facts).replace('{"content-type', '{content-type'), 'another version'],
    ['a guard that is not on this route', factLines({ ...facts, covered: false }), 'not enabled on this route'],
    ['facts without a method', factLines({ ...facts, method: '' }), 'something unreadable'],
  ])('refuses with 503 and tells the operator: %s', async (_, text, why) => {
    const { plugin, logged } = setUp();
    const judgement = await plugin.judge({ text: Buffer.from(text), body: new Uint8Array() });
    expect(judgement.kind).toBe('exit');
    expect(replyOf(judgement)).toMatchObject({ status: 503 });
    expect(logged.join()).toContain(why);
  });

  it('reads bytes that are no UTF-8 as values, never as syntax', async () => {
    // 0xe0 announces two more bytes; a lenient decoder takes the quotation mark and what follows it for them.
    const { plugin } = setUp();
    const named = { 'content-type': 'application/json', accept: 'application/json, text/event-stream', note: 'E' };
    const told = toldFacts(factsOf(callOf('search_orders'), { headers: named }));
    const changed = Buffer.from(told.text.toString('latin1').replace('"note":"E"', '"note":"\u00e0"'), 'latin1');
    expect((await plugin.judge({ text: changed, body: told.body })).kind).toBe('admit');
  });
});

describe('response', () => {
  const listAnswer = {
    jsonrpc: '2.0',
    id: 7,
    result: { tools: [{ name: 'delete_order' }, { name: 'search_orders' }] },
  };
  const respond = async (body: string) => {
    const { plugin, calls } = await access({ jsonrpc: '2.0', id: 7, method: 'tools/list' });
    const { admission } = verdictOf(calls);
    const second = fakeKong({
      'mcp_guard.buffered': {
        status: 200,
        content_type: 'application/json',
        body: Buffer.from(body).toString('base64'),
        admission,
      },
    });
    await plugin.response(second.kong);
    return second.calls;
  };

  it('shows the caller only what the caller may call, and marks the answer as filtered', async () => {
    const calls = await respond(JSON.stringify(listAnswer));
    expect(namesOf(calls)).toEqual(['mcp_guard.buffered', 'ctx.shared.set', 'response.exit']);
    expect(JSON.parse(String(calls.at(-1)?.parameters[1]))).toMatchObject({
      result: { tools: [{ name: 'search_orders' }] },
    });
  });

  it('answers 502 without the mark when the list cannot be understood', async () => {
    const calls = await respond('<html>');
    expect(namesOf(calls)).toEqual(['mcp_guard.buffered', 'response.exit']);
    expect(calls.at(-1)?.parameters[0]).toBe(502);
  });
});

describe('the end of a request', () => {
  it('writes one record of the admission and the outcome', async () => {
    const { plugin, calls, records } = await access(callOf('search_orders'));
    await plugin.conclude({ ...outcome, admission: verdictOf(calls).admission });
    expect(records).toHaveLength(1);
    expect(records[0]).toMatchObject({
      server: 'orders',
      kind: 'tool',
      tool: 'search_orders',
      tenant: 'acme',
      consumer: 'acme-support',
      decision: 'allow',
      rule: 'desk',
      outcome: 'ok',
      status: 200,
      arguments: { query: 'lamp' },
      latencyMs: { total: 4, kong: 1, upstream: 2 },
    });
    expect(JSON.stringify(records)).not.toContain('test-key');
  });

  it('records a refusal with the rule that made it', async () => {
    const { plugin, calls, records } = await access(callOf('delete_order'));
    await plugin.conclude({ ...outcome, outcome: 'refused', admission: String(calls.at(-1)?.parameters[3]) });
    expect(records[0]).toMatchObject({
      decision: 'deny',
      reason: 'tool_denied',
      tool: 'delete_order',
      outcome: 'refused',
    });
  });

  it('records what the guard refused, though nothing was admitted', async () => {
    const { plugin, records } = setUp();
    await plugin.conclude({ ...outcome, outcome: 'guard_refused', why: 'no_verdict', status: 503 });
    expect(records[0]).toMatchObject({
      server: 'orders',
      decision: 'deny',
      reason: 'governance_unavailable',
      kind: 'unread',
    });
  });

  it.each([
    [200, []],
    [204, []],
    [401, ['unauthenticated']],
    [503, ['governance_unavailable']],
  ])('records what was answered with %i before anything was governed as %j', async (status, reasons) => {
    const { plugin, records } = setUp();
    await plugin.conclude({ ...outcome, outcome: 'none', why: 'not_governed', status });
    expect(records.map(({ reason }) => reason)).toEqual(reasons);
  });

  const metering = { url: 'https://billing.example.com', token: 'node-credential-0123456789' };

  it('puts a call that is forwarded on the disk first, with durability intent, and records it at the same position', async () => {
    const { plugin, calls, intents, metered } = await access(callOf('search_orders'), {
      metering: { ...metering, durability: 'intent' },
    });
    expect(namesOf(calls)).toEqual(['mcp_guard.facts', 'mcp_guard.admit']);
    expect(intents).toMatchObject([
      {
        tool: 'search_orders',
        tenant: 'acme',
        decision: 'allow',
        outcome: 'unknown',
        outcomeWhy: 'not_settled',
        status: 0,
      },
    ]);
    await plugin.conclude({ ...outcome, admission: verdictOf(calls).admission });
    expect(metered).toMatchObject([{ position, record: { id: intents[0]?.id, outcome: 'ok' } }]);
  });

  it.each([
    ['settle', 'search_orders', 'mcp_guard.admit'],
    ['intent', 'delete_order', 'mcp_guard.refuse'],
  ])('with durability %s, %s needs no intent and takes its position at the end', async (durability, tool, end) => {
    const { plugin, calls, intents, metered } = await access(callOf(tool), { metering: { ...metering, durability } });
    expect(namesOf(calls)).toEqual(['mcp_guard.facts', end]);
    expect(intents).toEqual([]);
    await plugin.conclude(outcome);
    expect(metered).toMatchObject([{ position: undefined }]);
  });

  it('strict refuses a call whose intent is not on the disk, records the refusal at its position and gives its units back', async () => {
    const changes = { metering: { ...metering, durability: 'intent' }, policy: { inline: onceAMinute } };
    const { plugin, logged, metered } = setUp(changes, { intended: { position, problem: 'ENOSPC' } });
    for (let attempt = 0; attempt < 3; attempt += 1) {
      const { kong, calls } = fakeKong({ 'mcp_guard.facts': packFacts(factsOf(callOf('search_orders'))) });
      await plugin.access(kong);
      expect(calls.at(-1)).toMatchObject({ name: 'mcp_guard.refuse' });
      expect(calls.at(-1)?.parameters[0]).toBe(503);
      const admission = String(calls.at(-1)?.parameters[3]);
      await plugin.conclude({ ...outcome, outcome: 'refused', status: 503, admission });
    }
    expect(logged.filter((line) => line.includes('ENOSPC'))).toHaveLength(3);
    expect(metered).toHaveLength(3);
    expect(metered[2]).toMatchObject({
      position,
      record: { decision: 'deny', rule: 'records:not_stored', reason: 'governance_unavailable', outcome: 'refused' },
    });
  });

  it('available serves it all the same', async () => {
    const changes = { metering: { ...metering, durability: 'intent', when_full: 'available' } };
    const { plugin } = setUp(changes, {
      intended: { position, problem: 'ENOSPC' },
      health: { ok: false, why: 'ENOSPC' },
    });
    const { kong, calls } = fakeKong({ 'mcp_guard.facts': packFacts(factsOf(callOf('search_orders'))) });
    await plugin.access(kong);
    expect(namesOf(calls)).toEqual(['mcp_guard.facts', 'mcp_guard.admit']);
  });

  it('remembers who started a task, so that nobody else reads its result', async () => {
    const { plugin, calls } = await access(callOf('search_orders'));
    const { admission } = verdictOf(calls);
    await plugin.conclude({ ...outcome, outcome: 'task', task_id: 'task-1', admission });
    const message = { jsonrpc: '2.0', id: 8, method: 'tasks/get', params: { taskId: 'task-1' } };
    const owner = fakeKong({ 'mcp_guard.facts': packFacts(factsOf(message)) });
    await plugin.access(owner.kong);
    const stranger = fakeKong({
      'mcp_guard.facts': packFacts(factsOf(message, { consumer: { id: 'consumer-2', username: 'globex' } })),
    });
    await plugin.access(stranger.kong);
    expect(owner.calls.at(-1)?.name).toBe('mcp_guard.admit');
    expect(stranger.calls.at(-1)?.name).toBe('mcp_guard.refuse');
  });
});
