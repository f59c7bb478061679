import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { kongFile, laterPolicyFile, linesOf, MONDAY, policyFile, recordOf } from '../testing/fixtures.ts';
import { run, runJson, shippedKongFile } from '../testing/run-in-memory.ts';

const records = linesOf(
  recordOf({ tool: 'create_invoice', arguments: { amount: 5 } }),
  recordOf({ tool: 'create_invoice', arguments: { amount: 500 } }),
  recordOf({ tool: 'create_invoice', arguments: { amount: '[redacted]' } }),
  recordOf({ tool: 'export_all', arguments: {} }),
  recordOf({ tool: 'search_orders', arguments: {}, decision: 'deny', reason: 'rate_limited', policy: 'limits' }),
  recordOf({ tool: 'search_orders', consumer: 'bob', consumerId: '2', decision: 'deny', reason: 'tool_denied' }),
  recordOf({ kind: 'list', method: 'tools/list' }),
  recordOf({ kind: 'unread', decision: 'deny', policy: 'request', reason: 'invalid_json' }),
);

const files = {
  'kong.yml': kongFile,
  'shipped.yml': shippedKongFile,
  'policy.yml': policyFile,
  'later.yml': laterPolicyFile,
  'args.json': '{"amount": 2000}',
  'records.jsonl': `${records}{"cut off`,
  'stricter.yml': kongFile.replace("'search_*'", 'search_orders').replace('username: bob', 'username: carol'),
};

/** The answers that people read, whole: a change of wording is a change of these files (run with -u). */
describe('answers', () => {
  it.each<[file: string, line: string]>([
    ['check-shipped', 'check shipped.yml'],
    ['check-with-policy', 'check --policy policy.yml'],
    [
      'explain-allowed',
      `explain --as alice --server shop --tool create_invoice --args {"amount":5} --policy policy.yml --at ${MONDAY}`,
    ],
    [
      'explain-arguments-denied',
      'explain --as a-1 --server shop --tool create_invoice --args @args.json --policy policy.yml',
    ],
    ['explain-without-arguments', 'explain --as alice --server shop --tool create_invoice --policy policy.yml'],
    ['explain-rest', 'explain --as bob --server pay --tool createPayment'],
    ['explain-shipped', 'explain --kong shipped.yml --as acme-billing --server orders --tool delete_order'],
    ['explain-anonymous', 'explain --as anonymous --server shop --tool search_orders'],
    ['who-can', `who-can create_invoice --policy policy.yml --at ${MONDAY}`],
    ['who-can-all', `who-can export_all --policy policy.yml --at ${MONDAY} --all`],
    ['who-can-unknown', 'who-can delete_ordr --policy policy.yml'],
    ['tools-of', `tools-of alice --policy policy.yml --at ${MONDAY}`],
    ['tools-of-all', 'tools-of bob --policy policy.yml --all'],
    ['tools-of-shipped', 'tools-of globex-agent --kong shipped.yml'],
    ['diff-policies', `diff policy.yml later.yml --at ${MONDAY}`],
    ['diff-kong', 'diff kong.yml stricter.yml'],
    ['simulate', 'simulate records.jsonl --policy later.yml'],
  ])('%s', async (file, line) => {
    const ran = run(line.split(' '), files);
    const text = `$ mcp-governance ${line}\n${ran.out}${ran.err}[exit code ${ran.code}]\n`;
    await expect(text).toMatchFileSnapshot(path.resolve(import.meta.dirname, `../testing/golden/${file}.txt`));
  });
});

describe('explain', () => {
  const explain = (...more: readonly string[]) =>
    runJson(['explain', '--as', 'alice', '--server', 'shop', '--policy', 'policy.yml', '--at', MONDAY, ...more], files);

  it('names the one opinion that decides', () => {
    const { opinions, rule, policy } = explain('--tool', 'create_invoice', '--args', '{"amount":5}');
    const deciding = opinions.filter(({ decides }: { decides: boolean }) => decides);
    expect(deciding).toHaveLength(1);
    expect(deciding[0]).toMatchObject({ rule, policy, effect: 'allow' });
  });

  it.each([
    ['{"amount":1000}', true, 'desk'],
    ['{"amount":1001}', false, 'no-large-invoices'],
    ['{"amount":"1001"}', false, 'no-large-invoices'],
    ['{}', true, 'desk'],
  ])('with %s: allowed is %s, by rule %s', (sent, allowed, rule) => {
    expect(explain('--tool', 'create_invoice', '--args', sent)).toMatchObject({ allowed, rule });
  });

  it.each([
    [MONDAY, true, 'subscription:gold'],
    ['2026-03-01T12:00:00Z', false, 'weekend-off'],
    // Saturday begins in Paris an hour before it begins in UTC.
    ['2026-03-06T22:59:00Z', true, 'subscription:gold'],
    ['2026-03-06T23:00:00Z', false, 'weekend-off'],
  ])('at %s: allowed is %s, by rule %s', (at, allowed, rule) => {
    expect(explain('--tool', 'export_all', '--at', at)).toMatchObject({ allowed, rule });
  });

  it('lists the limits that would count the call, and what the call takes', () => {
    expect(explain('--tool', 'create_invoice', '--args', '{"amount":5}').limits).toEqual([
      expect.objectContaining({ rule: 'per-minute', limit: 60, cost: 5 }),
      expect.objectContaining({ rule: 'monthly', limit: 1000, cost: 5 }),
    ]);
  });

  it('shows the reply that the plugin would send', () => {
    const { reply } = explain('--tool', 'create_invoice', '--args', '{"amount":5000}');
    expect(JSON.parse(reply.body)).toMatchObject({ jsonrpc: '2.0', id: 1 });
    expect(reply.body).toContain('1000');
  });

  it('says that rules look at arguments when none are given', () => {
    expect(explain('--tool', 'create_invoice').dependsOn).toEqual(['no-large-invoices']);
    expect(explain('--tool', 'create_invoice', '--args', '{}').dependsOn).toEqual([]);
  });
});

describe('who-can and tools-of', () => {
  it('agree with each other on every consumer and tool', () => {
    const byTool = new Map<string, string>();
    for (const tool of ['search_orders', 'create_invoice', 'delete_order', 'export_all']) {
      const { callers } = runJson(['who-can', tool, '--server', 'shop', '--policy', 'policy.yml'], files);
      for (const { consumer, access, rule } of callers) byTool.set(`${consumer} ${tool}`, `${access} ${rule}`);
    }
    expect(byTool.size).toBe(12);
    for (const consumer of ['alice', 'bob', 'anonymous']) {
      const { tools } = runJson(['tools-of', consumer, '--server', 'shop', '--policy', 'policy.yml'], files);
      for (const { tool, access, rule } of tools)
        if (!tool.includes('*')) expect(byTool.get(`${consumer} ${tool}`)).toBe(`${access} ${rule}`);
    }
  });

  it('a consumer by custom_id is the same consumer', () => {
    expect(runJson(['tools-of', 'a-1'], files)).toEqual(runJson(['tools-of', 'alice'], files));
  });

  it('takes further tools from records', () => {
    const line = ['tools-of', 'bob', '--server', 'shop', '--json'];
    expect(run(line, files).out).not.toContain('search_invoices');
    const more = {
      ...files,
      'records.jsonl': linesOf(recordOf({ tool: 'search_invoices' }), recordOf({ tool: 'x', server: 'pay' })),
    };
    const { tools } = runJson(['tools-of', 'bob', '--server', 'shop', '--records', 'records.jsonl'], more);
    expect(tools.map(({ tool }: { tool: string }) => tool)).toContain('search_invoices');
    expect(tools.map(({ tool }: { tool: string }) => tool)).not.toContain('x');
  });

  it('a consumer that an auth plugin uses for nobody is nobody', () => {
    const kong = kongFile
      .replace('- name: key-auth', '- name: key-auth\n        config: { anonymous: alice }')
      .replace('tenants: [acme, globex]', 'tenants: [acme, globex], anonymous: false');
    expect(run(['tools-of', 'alice'], { 'kong.yml': kong }).code).toBe(1);
    const { callers } = runJson(['who-can', 'create_invoice'], { 'kong.yml': kong });
    expect(callers.map(({ consumer }: { consumer: string }) => consumer)).not.toContain('alice');
  });
});

describe('diff', () => {
  it('is the opposite when its arguments are swapped', () => {
    const there = runJson(['diff', 'policy.yml', 'later.yml', '--at', MONDAY], files);
    const back = runJson(['diff', 'later.yml', 'policy.yml', '--at', MONDAY], files);
    const turned: Readonly<Record<string, string>> = {
      gains: 'loses',
      loses: 'gains',
      shown: 'hidden',
      hidden: 'shown',
      arguments: 'arguments',
    };
    const simple = (
      { access }: { readonly access: readonly Record<'change' | 'consumer' | 'server' | 'tool', string>[] },
      turn: (change: string) => string,
    ) => access.map(({ change, consumer, server, tool }) => [turn(change), consumer, server, tool]);
    expect(there.access.length).toBeGreaterThan(0);
    expect(simple(back, (change) => turned[change] ?? '')).toEqual(simple(there, (change) => change));
  });

  it.each(['kong.yml', 'policy.yml'])('of %s and itself finds nothing', (file) => {
    expect(run(['diff', file, file], files)).toMatchObject({ code: 0, out: 'No differences.\n' });
  });

  it('tells that a server is not governed any more, rather than that everybody lost it', () => {
    const ungoverned = kongFile.replace(
      /server: \{ name: pay, kind: rest \}/,
      'server: { name: payments, kind: rest }',
    );
    const { servers, access } = runJson(['diff', 'kong.yml', 'other.yml'], { ...files, 'other.yml': ungoverned });
    expect(servers).toEqual([
      { server: 'payments', change: 'governed' },
      { server: 'pay', change: 'ungoverned' },
    ]);
    expect(access).toEqual([]);
  });
});

describe('simulate', () => {
  const replay = (record: Parameters<typeof recordOf>[0], policy = 'policy.yml') => {
    const line = ['simulate', 'one.jsonl', ...(policy === '' ? [] : ['--policy', policy])];
    const { groups, ...totals } = runJson(line, { ...files, 'one.jsonl': linesOf(recordOf(record)) });
    const [changed] = Object.entries(totals).filter(([name, count]) => count === 1 && name !== 'records');
    return `${changed?.[0]}${groups[0] === undefined ? '' : `: ${groups[0].why}`}`;
  };

  it.each<[string, Parameters<typeof recordOf>[0], string]>([
    ['an allowed call that stays allowed', { tool: 'create_invoice', arguments: { amount: 5 } }, 'same'],
    [
      'a call that an argument rule now refuses',
      { tool: 'create_invoice', arguments: { amount: 5000 } },
      'newlyDenied: arguments_denied, rule no-large-invoices; was allowed by desk',
    ],
    [
      'arguments that were redacted where the rule looks',
      { tool: 'create_invoice', arguments: { amount: '[redacted]' } },
      'uncertain: arguments were redacted or cut that rule no-large-invoices looks at',
    ],
    [
      'arguments that were redacted elsewhere',
      { tool: 'create_invoice', arguments: { amount: 5000, card: '[redacted]' } },
      'newlyDenied: arguments_denied, rule no-large-invoices; was allowed by desk',
    ],
    [
      'arguments that were not recorded',
      { tool: 'create_invoice' },
      'uncertain: the arguments were not recorded that rule no-large-invoices looks at',
    ],
    ['arguments that nobody looks at and were not recorded', { tool: 'search_orders' }, 'same'],
    [
      'a refusal by a limit counts as allowed',
      { tool: 'search_orders', decision: 'deny', reason: 'quota_exhausted' },
      'same',
    ],
    [
      'a refusal by a pin cannot be decided by rules',
      { tool: 'search_orders', decision: 'deny', reason: 'tool_quarantined', policy: 'tool-pins' },
      'uncertain: was refused by tool-pins (tool_quarantined), which is not asked again',
    ],
    [
      'a refusal by OPA cannot be decided by rules',
      { tool: 'search_orders', decision: 'deny', reason: 'policy_denied', policy: 'opa' },
      'uncertain: was refused by opa (policy_denied), which is not asked again',
    ],
    [
      'what was refused and is allowed now',
      { tool: 'search_orders', decision: 'deny', reason: 'tool_denied', rule: 'tool-access:no-rule-allows' },
      'newlyAllowed: rule readers; was tool_denied by tool-access:no-rule-allows',
    ],
    ['a call of a weekday', { tool: 'export_all' }, 'same'],
    [
      'a call of a Sunday, judged as of that Sunday',
      { tool: 'export_all', occurredAt: '2026-03-01T12:00:00.000Z' },
      'newlyDenied: tool_denied, rule weekend-off; was allowed by desk',
    ],
    ['a list', { kind: 'list', method: 'tools/list' }, 'notReplayed: kind list'],
    [
      'what could not be read',
      { kind: 'unread', decision: 'deny', policy: 'request', reason: 'invalid_json' },
      'notReplayed: refused before any policy was asked',
    ],
    ['another server', { server: 'other', tool: 'x' }, 'uncertain: no place of this kong.yml governs server other'],
    [
      'a consumer that is gone, where rules look at groups',
      { tool: 'search_orders', consumer: 'dave', tenant: 'acme' },
      'uncertain: consumer dave is not in kong.yml, and rules look at tags, groups or custom_ids',
    ],
    [
      'a caller without a credential',
      {
        tool: 'search_orders',
        consumer: undefined,
        consumerId: undefined,
        decision: 'deny',
        reason: 'unauthenticated',
      } as never,
      'same',
    ],
    ['a REST operation', { server: 'pay', kind: 'operation', tool: 'createPayment' }, 'same'],
    [
      'a REST operation that is gone',
      { server: 'pay', kind: 'operation', tool: 'listUsers' },
      'newlyDenied: unknown_operation, rule request:unknown_operation; was allowed by desk',
    ],
  ])('%s', (_title, record, expected) => {
    expect(replay(record)).toBe(expected);
  });

  it('a consumer that is gone is taken from the record where rules look at nothing else', () => {
    const record = { server: 'pay', kind: 'operation', tool: 'createPayment', consumer: 'dave' };
    expect(replay(record, '')).toBe(
      'newlyDenied: operation_denied, rule operation-access:no-rule-allows; was allowed by desk',
    );
  });
});
