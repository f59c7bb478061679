import { describe, expect, it } from 'vitest';
import type { Call } from '../call.ts';
import { anonymous, callerOf, messageOf, operationCall, resourceCall, toolCall } from '../policies/testing/fixtures.ts';
import { opaCacheKey, opaInputJson } from './opa-input-json.ts';
import type { OpaInput } from './opa-decision.ts';
import { toOpaInput, type OpaQuestion } from './to-opa-input.ts';

const now = Date.UTC(2026, 7, 3, 14, 5, 6, 7);

const inputOf = (call: Call, question: Partial<OpaQuestion> = {}): OpaInput =>
  toOpaInput({
    message: messageOf(call),
    caller: callerOf({ consumer: 'acme-support' }),
    server: 'orders',
    limitsLeft: {},
    now,
    ...question,
  });

const invoice = (amount: number): Call => ({
  kind: 'tool',
  method: 'tools/call',
  name: 'create_invoice',
  arguments: { amount, iban: 'DE02' },
  isRetry: false,
});

describe('the input document', () => {
  it('holds who calls what, under which plan, with what left, and when', () => {
    const caller = callerOf({
      consumer: 'acme-support',
      customId: 'not shown',
      tenant: 'acme',
      application: 'support',
      user: 'ann',
      groups: ['billing'],
      tags: ['tenant:acme'],
      scopes: ['orders.read'],
    });
    expect(inputOf(invoice(5), { caller, plan: 'gold', limitsLeft: { daily: 3 } })).toEqual({
      caller: {
        tenant: 'acme',
        application: 'support',
        user: 'ann',
        consumer: 'acme-support',
        groups: ['billing'],
        tags: ['tenant:acme'],
        scopes: ['orders.read'],
        anonymous: false,
      },
      plan: 'gold',
      server: 'orders',
      call: {
        kind: 'tool',
        method: 'tools/call',
        name: 'create_invoice',
        arguments: { amount: 5, iban: 'DE02' },
      },
      limits: { daily: 3 },
      time: '2026-08-03T14:05:06.007Z',
    });
  });

  it('leaves out what is not known instead of sending it empty', () => {
    expect(inputOf(resourceCall('order://1'), { caller: anonymous })).toStrictEqual({
      caller: { groups: [], tags: [], scopes: [], anonymous: true },
      server: 'orders',
      call: { kind: 'resource', method: 'resources/read', name: 'order://1' },
      limits: {},
      time: '2026-08-03T14:05:06.007Z',
    });
  });

  it('calls a caller anonymous who has groups but no consumer', () => {
    const caller = { ...anonymous, groups: ['billing'] };
    expect(inputOf(toolCall('x'), { caller }).caller).toMatchObject({ anonymous: true, groups: ['billing'] });
  });

  it.each<[string, Call, OpaInput['call']]>([
    [
      'an operation by its name',
      operationCall('getPayment'),
      { kind: 'operation', method: 'GET', name: 'getPayment', arguments: {} },
    ],
    [
      'a completion by what it completes for',
      { kind: 'completion', method: 'completion/complete', reference: { kind: 'resource', uri: 'order://{id}' } },
      {
        kind: 'completion',
        method: 'completion/complete',
        name: 'order://{id}',
        arguments: { reference: 'resource' },
      },
    ],
    [
      'a task by its id',
      { kind: 'task', method: 'tasks/get', taskId: 't1' },
      { kind: 'task', method: 'tasks/get', name: 't1' },
    ],
    [
      'a stream by what it listens to',
      { kind: 'listen', method: 'subscriptions/listen', resourceUris: ['order://1'], taskIds: ['t1'] },
      {
        kind: 'listen',
        method: 'subscriptions/listen',
        arguments: { resourceUris: ['order://1'], taskIds: ['t1'] },
      },
    ],
    [
      'a list by its method',
      { kind: 'list', method: 'tools/list', itemKind: 'tool' },
      { kind: 'list', method: 'tools/list' },
    ],
    ['a ping by its method', { kind: 'lifecycle', method: 'ping' }, { kind: 'lifecycle', method: 'ping' }],
  ])('names %s', (_title, call, expected) => {
    expect(inputOf(call).call).toStrictEqual(expected);
  });

  it('shows the policy only what the redactor leaves of the arguments', () => {
    const input = inputOf(invoice(5), { redact: () => ({ amount: 5 }) });
    expect(input.call.arguments).toEqual({ amount: 5 });
    expect(opaInputJson(input)).not.toContain('DE02');
  });
});

describe('the text that OPA receives', () => {
  it('keeps 1e999 a number: as null it would pass every upper limit', () => {
    expect(opaInputJson(inputOf(invoice(Infinity)))).toContain('"amount":1e999');
  });

  it('is what the input holds', () => {
    const input = inputOf(invoice(5), { plan: 'gold', limitsLeft: { daily: 3 } });
    expect(JSON.parse(opaInputJson(input))).toEqual(input);
  });
});

describe('the cache key', () => {
  const input = inputOf(invoice(5), { plan: 'gold', limitsLeft: { daily: 3 } });
  const key = opaCacheKey(input);

  it.each<[string, OpaInput]>([
    ['later', { ...input, time: '2026-08-03T14:05:07.000Z' }],
    ['with less left', { ...input, limits: {} }],
    [
      'with its arguments in another order',
      { ...input, call: { ...input.call, arguments: { iban: 'DE02', amount: 5 } } },
    ],
  ])('is the same %s', (_title, other) => {
    expect(opaCacheKey(other)).toBe(key);
  });

  it.each<[string, OpaInput]>([
    ['another server', { ...input, server: 'billing' }],
    ['another plan', { ...input, plan: 'silver' }],
    ['no plan', inputOf(invoice(5))],
    ['another consumer', { ...input, caller: { ...input.caller, consumer: 'mallory' } }],
    ['another tenant', { ...input, caller: { ...input.caller, tenant: 'umbrella' } }],
    ['another application', { ...input, caller: { ...input.caller, application: 'other' } }],
    ['another user', { ...input, caller: { ...input.caller, user: 'bob' } }],
    ['one more group', { ...input, caller: { ...input.caller, groups: ['admin'] } }],
    ['one more tag', { ...input, caller: { ...input.caller, tags: ['vip'] } }],
    ['the group as a scope', { ...input, caller: { ...input.caller, scopes: ['admin'] } }],
    ['an anonymous caller', { ...input, caller: { ...input.caller, anonymous: true } }],
    ['another tool', { ...input, call: { ...input.call, name: 'create_invoice ' } }],
    ['another kind', { ...input, call: { ...input.call, kind: 'prompt' } }],
    ['another method', { ...input, call: { ...input.call, method: 'prompts/get' } }],
    ['an amount as a text', { ...input, call: { ...input.call, arguments: { amount: '5', iban: 'DE02' } } }],
    ['an infinite amount', { ...input, call: { ...input.call, arguments: { amount: Infinity, iban: 'DE02' } } }],
    ['one argument less', { ...input, call: { ...input.call, arguments: { amount: 5 } } }],
  ])('differs for %s', (_title, other) => {
    expect(opaCacheKey(other)).not.toBe(key);
  });
});
