import { describe, expect, it } from 'vitest';
import type { Call, ItemKind } from './call.ts';
import type { Caller } from './caller.ts';
import type { Decision } from './decision.ts';
import { ownerKey } from './identity/owner-key.ts';
import { everyKind } from './policies/policy.ts';
import { policies } from './policies/index.ts';
import {
  anonymous,
  callerOf,
  inputOf,
  judgeOf,
  noon,
  oauthOptions,
  operationCall,
  promptCall,
  resourceCall,
  ruleOf,
  toolCall,
} from './policies/testing/fixtures.ts';

const support = callerOf({ consumer: 'acme-support', tenant: 'acme', tags: ['tenant:acme'], groups: ['desk'] });
const billing = callerOf({ consumer: 'acme-billing', tenant: 'acme', tags: ['tenant:acme'] });
const globex = callerOf({ consumer: 'globex-agent', tenant: 'globex', tags: ['tenant:globex'] });
const stray = callerOf({ consumer: 'stray' });

const rules = [
  ruleOf({ id: 'nobody-purges', effect: 'deny', tools: ['purge_*'], resources: ['docs://*/secret*'] }),
  ruleOf({ id: 'acme-reads', callers: { tenants: ['acme'] }, tools: ['search_*'], resources: ['docs://acme/*'] }),
  ruleOf({ id: 'desk', callers: { groups: ['desk'] }, tools: ['generate_report'], prompts: ['summary'] }),
  ruleOf({ id: 'billing', callers: { consumers: ['acme-billing'] }, tools: ['create_invoice', 'purge_orders'] }),
  ruleOf({
    id: 'globex-all',
    callers: { tenants: ['globex'] },
    tools: ['search_orders'],
    prompts: ['*'],
    resources: ['docs://globex/*', 'docs://globex/{page}'],
  }),
];
const judge = judgeOf(rules);

const shortly = (decision: Decision): string =>
  decision.effect === 'allow' ? decision.rule : `${decision.reason} by ${decision.rule}`;
const decide = (call: Call, caller: Caller, of = judge): string => shortly(of.decide(inputOf(call, caller)));

describe('who may call which tool', () => {
  const none = 'tool_denied by tool-access:no-rule-allows';
  it.each<[string, string, string, string, string]>([
    //                  support             billing                        globex        stray
    ['search_orders', 'acme-reads', 'acme-reads', 'globex-all', none],
    ['search_users', 'acme-reads', 'acme-reads', none, none],
    ['generate_report', 'desk', none, none, none],
    ['create_invoice', none, 'billing', none, none],
    ['delete_order', none, none, none, none],
    ['Search_orders', none, none, none, none],
    // Pattern rules take these; the reader refuses such names, and servers do not know them.
    ['search_orders ', 'acme-reads', 'acme-reads', none, none],
    ['search_orders\u0000', 'acme-reads', 'acme-reads', none, none],
    ['create_invoice\u0000', none, none, none, none],
    ['ｃreate_invoice', none, none, none, none],
    ['constructor', none, none, none, none],
    ['__proto__', none, none, none, none],
    ['toString', none, none, none, none],
    ['*', none, none, none, none],
    ['', none, none, none, none],
  ])('%j', (tool, ...expected) => {
    expect([support, billing, globex, stray].map((caller) => decide(toolCall(tool), caller))).toEqual(expected);
  });

  it('lets a deny beat an allow that names the tool itself', () => {
    expect(decide(toolCall('purge_orders'), billing)).toBe('tool_denied by nobody-purges');
  });

  it('lets a deny beat an allow wherever it stands', () => {
    const reversed = judgeOf([...rules].reverse());
    expect(decide(toolCall('purge_orders'), billing, reversed)).toBe('tool_denied by nobody-purges');
    expect(decide(toolCall('create_invoice'), billing, reversed)).toBe('billing');
  });

  it('denies to acme alone what only acme is denied', () => {
    const split = judgeOf([
      ruleOf({ id: 'all', tools: ['*'] }),
      ruleOf({ id: 'not-acme', effect: 'deny', callers: { tenants: ['acme'] }, tools: ['export'] }),
    ]);
    expect(decide(toolCall('export'), support, split)).toBe('tool_denied by not-acme');
    expect(decide(toolCall('export'), globex, split)).toBe('all');
  });

  it('tells the same for a tool that is denied and one that no rule knows', () => {
    const details = ['purge_orders', 'never_heard_of'].map((tool) => {
      const decision = judge.decide(inputOf(toolCall(tool), billing));
      return decision.effect === 'deny' && decision.detail.replace(tool, 'X');
    });
    expect(details).toEqual(['Unknown tool: X', 'Unknown tool: X']);
  });

  it('allows a REST operation by the rule that would allow the tool of that name', () => {
    expect(decide(operationCall('search_orders'), globex)).toBe('globex-all');
    expect(decide(operationCall('create_invoice'), globex)).toBe('operation_denied by operation-access:no-rule-allows');
    expect(decide(operationCall('purge_orders'), billing)).toBe('operation_denied by nobody-purges');
  });
});

describe('prompts, resources and completion', () => {
  const noPrompt = 'prompt_denied by prompt-access:no-rule-allows';
  const noResource = 'resource_denied by resource-access:no-rule-allows';
  it.each<[Call, Caller, string]>([
    [promptCall('summary'), support, 'desk'],
    [promptCall('summary'), billing, noPrompt],
    [promptCall('anything'), globex, 'globex-all'],
    // A tool of that name is no prompt, and the other way round.
    [promptCall('generate_report'), support, noPrompt],
    [toolCall('summary'), support, 'tool_denied by tool-access:no-rule-allows'],
    [resourceCall('docs://acme/manual'), support, 'acme-reads'],
    [resourceCall('docs://acme/manual'), globex, noResource],
    [resourceCall('docs://globex/manual'), support, noResource],
    [resourceCall('docs://acme/secret/keys'), support, 'resource_denied by nobody-purges'],
    [{ kind: 'resource', method: 'resources/subscribe', uri: 'docs://globex/x' }, support, noResource],
    [completion({ kind: 'prompt', name: 'summary' }), support, 'desk'],
    [completion({ kind: 'prompt', name: 'summary' }), billing, 'completion_denied by completion-access:no-rule-allows'],
    [completion({ kind: 'resource', uri: 'docs://globex/{page}' }), globex, 'globex-all'],
    [
      completion({ kind: 'resource', uri: 'docs://globex/{page}' }),
      support,
      'completion_denied by completion-access:no-rule-allows',
    ],
  ])('%j', (call, caller, expected) => {
    expect(decide(call, caller)).toBe(expected);
  });

  // Every one of these is docs://acme/secret..., or leaves docs://acme/public/, once a server has normalised it.
  it.each([
    'docs://acme/x/../secret/keys',
    'docs://acme/x/%2e%2e/secret/keys',
    'docs://acme/x/.%2E/secret/keys',
    'docs://acme/x/%252e%252e/secret/keys',
    'docs://acme/./secret/keys',
    'docs://acme/%73ecret/keys',
    'docs://acme/sec\tret/keys',
    'docs://acme/sec\nret',
    'docs://acme/%E0/../secret',
    'docs://acme/%E0/%73ecret',
  ])('a deny holds against the disguise %j', (uri) => {
    expect(decide(resourceCall(uri), support)).toBe('resource_denied by nobody-purges');
  });

  it.each([
    'docs://h/public/../private',
    'docs://h/public/%2e%2e/private',
    'docs://h/public/%2E./private',
    'docs://h/public/a/../../private',
    'docs://h/public/a%2Fb/../../private',
    'docs://h/public/%252e%252e/private',
    'docs://h/public/%2e%2e%2fprivate',
  ])('a rule about docs://h/public/* does not reach outside by %j', (uri) => {
    const open = judgeOf([ruleOf({ id: 'public', resources: ['docs://h/public/*'] })]);
    expect(decide(resourceCall(uri), stray, open)).toBe(noResource);
    expect(open.mayUse(stray, 'resource', uri, noon)).toBe(false);
  });

  it.each([
    'docs://h/public/a',
    'docs://h/public/a/../b',
    'docs://h/public/a%20b',
    'docs://h/public/gr%C3%B6%C3%9Fe',
    'docs://h/public/100%',
  ])('a rule about docs://h/public/* covers %j', (uri) => {
    const open = judgeOf([ruleOf({ id: 'public', resources: ['docs://h/public/*'] })]);
    expect(decide(resourceCall(uri), stray, open)).toBe('public');
  });

  it('lists and completes a template that a pattern with braces covers, as it is written', () => {
    const open = judgeOf([ruleOf({ id: 'pages', resources: ['docs://h/{lang}/*'] })]);
    const uri = 'docs://h/{lang}/{page}';
    expect(open.mayUse(stray, 'resourceTemplate', uri, noon)).toBe(true);
    expect(decide(completion({ kind: 'resource', uri }), stray, open)).toBe('pages');
  });

  it('judges no URI of more than 8,192 characters', () => {
    const open = judgeOf([ruleOf({ id: 'all', resources: ['*'] })]);
    const uri = (length: number): string => 'docs://h/'.padEnd(length, 'x');
    expect(decide(resourceCall(uri(8192)), stray, open)).toBe('all');
    expect(decide(resourceCall(uri(8193)), stray, open)).toBe(noResource);
  });

  it('allows a URI that a rule holds byte for byte, though servers would write it otherwise', () => {
    const exact = judgeOf([ruleOf({ id: 'exact', resources: ['HTTPS://Example.com', 'x:a%2Fb'] })]);
    expect(decide(resourceCall('HTTPS://Example.com'), stray, exact)).toBe('exact');
    expect(decide(resourceCall('x:a%2Fb'), stray, exact)).toBe('exact');
    expect(decide(resourceCall('x:a/b'), stray, exact)).toBe(noResource);
  });
});

describe('subscriptions/listen', () => {
  const listen = (resourceUris: readonly string[], taskIds: readonly string[] = []): Call => ({
    kind: 'listen',
    method: 'subscriptions/listen',
    resourceUris,
    taskIds,
  });
  it.each<[string, Call, string | undefined, string]>([
    ['to list changes only', listen([]), undefined, 'listen-access:lists'],
    ['to 2 allowed resources', listen(['docs://acme/a', 'docs://acme/b']), undefined, 'acme-reads'],
    [
      'to 1 allowed and 1 foreign resource',
      listen(['docs://acme/a', 'docs://globex/b']),
      undefined,
      'resource_denied by listen-access:no-rule-allows',
    ],
    [
      'to a denied resource after an unknown one',
      listen(['docs://globex/b', 'docs://acme/secret']),
      undefined,
      'resource_denied by nobody-purges',
    ],
    ['to its own tasks', listen([], ['t1', 't2']), ownerKey(support), 'listen-access:own-tasks'],
    ['to a task of another', listen([], ['t1']), ownerKey(globex), 'task_denied by listen-access:foreign-task'],
    ['to a task of nobody', listen(['docs://acme/a'], ['t1']), undefined, 'task_denied by listen-access:foreign-task'],
  ])('%s', (_, call, taskOwner, expected) => {
    const more = taskOwner === undefined ? {} : { taskOwner };
    expect(shortly(judge.decide(inputOf(call, support, more)))).toBe(expected);
  });
});

describe('tasks', () => {
  const task = (method: string, taskId?: string): Call => ({
    kind: 'task',
    method,
    ...(taskId === undefined ? {} : { taskId }),
  });
  const decideTask = (call: Call, caller: Caller, taskOwner?: string): string =>
    shortly(judge.decide(inputOf(call, caller, taskOwner === undefined ? {} : { taskOwner })));

  it.each(['tasks/get', 'tasks/result', 'tasks/update', 'tasks/cancel'])('%s is for the owner alone', (method) => {
    expect(decideTask(task(method, 't1'), support, ownerKey(support))).toBe('task-ownership:own');
    for (const other of [billing, globex, stray])
      expect(decideTask(task(method, 't1'), other, ownerKey(support))).toBe('task_denied by task-ownership:foreign');
    expect(decideTask(task(method, 't1'), support)).toBe('task_denied by task-ownership:foreign');
    expect(decideTask(task(method), support, ownerKey(support))).toBe('task_denied by task-ownership:foreign');
  });

  it('of one user of a token are not for another user of the same consumer', () => {
    const ann = { ...support, user: 'ann' };
    expect(decideTask(task('tasks/result', 't1'), { ...support, user: 'bob' }, ownerKey(ann))).toBe(
      'task_denied by task-ownership:foreign',
    );
    expect(decideTask(task('tasks/result', 't1'), support, ownerKey(ann))).toBe(
      'task_denied by task-ownership:foreign',
    );
  });

  it('stay their owner’s after the operator adds a tag and a group', () => {
    const promoted = { ...support, tags: ['vip', ...support.tags], groups: ['gold', 'desk'] };
    expect(decideTask(task('tasks/get', 't1'), promoted, ownerKey(support))).toBe('task-ownership:own');
  });

  it('are listed only where the configuration says so', () => {
    expect(decideTask(task('tasks/list'), support)).toBe('method_denied by task-ownership:lists-denied');
    const open = judgeOf(rules, {
      mcp: { toolNames: 'strict', unknownMethods: 'deny', getStreams: 'allow', taskLists: 'allow' },
    });
    expect(decide(task('tasks/list'), support, open)).toBe('task-ownership:lists-allowed');
  });
});

describe('calls that name no item', () => {
  it.each<[Call, string]>([
    [{ kind: 'lifecycle', method: 'initialize' }, 'lifecycle:lifecycle'],
    [{ kind: 'lifecycle', method: 'server/discover' }, 'lifecycle:lifecycle'],
    [{ kind: 'notification', method: 'notifications/initialized' }, 'lifecycle:notification'],
    [{ kind: 'response', method: '' }, 'lifecycle:response'],
    [{ kind: 'list', method: 'tools/list', itemKind: 'tool' }, 'lifecycle:filtered-list'],
    [{ kind: 'stream', method: 'GET' }, 'stream-access:enabled'],
    [{ kind: 'server_only', method: 'sampling/createMessage' }, 'method_denied by method-access:server-only'],
    [{ kind: 'unknown', method: 'x/y' }, 'method_denied by method-access:unknown'],
    [{ kind: 'session_end', method: 'DELETE' }, 'session_denied by session-ownership:no-session'],
  ])('%j of a caller without any rule', (call, expected) => {
    expect(decide(call, stray)).toBe(expected);
  });

  it('follow the options: unknown methods pass, GET streams are refused, server-only methods stay refused', () => {
    const other = judgeOf(rules, {
      mcp: { toolNames: 'strict', unknownMethods: 'allow', getStreams: 'deny', taskLists: 'deny' },
    });
    expect(decide({ kind: 'unknown', method: 'x/y' }, stray, other)).toBe('method-access:unknown-allowed');
    expect(decide({ kind: 'stream', method: 'GET' }, stray, other)).toBe(
      'method_not_allowed by stream-access:disabled',
    );
    expect(decide({ kind: 'server_only', method: 'roots/list' }, stray, other)).toBe(
      'method_denied by method-access:server-only',
    );
  });
});

describe('sessions', () => {
  it('of another caller do not exist, whatever is asked in them', () => {
    for (const call of [
      toolCall('search_orders'),
      { kind: 'lifecycle', method: 'ping' },
      { kind: 'stream', method: 'GET' },
      { kind: 'session_end', method: 'DELETE' },
    ] as const)
      expect(shortly(judge.decide(inputOf(call, support, { session: 'foreign', message: { sessionId: 's' } })))).toBe(
        'session_denied by session-ownership:foreign',
      );
  });

  it('do not widen what their owner may', () => {
    const owned = { session: 'owned', message: { sessionId: 's' } } as const;
    expect(shortly(judge.decide(inputOf(toolCall('search_orders'), support, owned)))).toBe('acme-reads');
    expect(shortly(judge.decide(inputOf(toolCall('create_invoice'), support, owned)))).toBe(
      'tool_denied by tool-access:no-rule-allows',
    );
    expect(shortly(judge.decide(inputOf({ kind: 'session_end', method: 'DELETE' }, support, owned)))).toBe(
      'session-ownership:own',
    );
  });
});

describe('a resumed stream', () => {
  const everything = ruleOf({
    id: 'all',
    callers: { tenants: ['acme'] },
    tools: ['*'],
    prompts: ['*'],
    resources: ['*'],
  });
  const resume = (caller: Caller, of = judge): string =>
    shortly(of.decide(inputOf({ kind: 'stream', method: 'GET' }, caller, { message: { isResumed: true } })));

  it('is refused to every caller who cannot see every item', () => {
    for (const caller of [support, billing, globex, stray])
      expect(resume(caller)).toBe('resume_refused by resumption:filtered-caller');
  });

  it('is for a caller who sees everything, until one item is denied', () => {
    expect(resume(support, judgeOf([everything]))).toBe('stream-access:enabled');
    expect(resume(globex, judgeOf([everything]))).toBe('resume_refused by resumption:filtered-caller');
    const denied = judgeOf([everything, ruleOf({ id: 'no', effect: 'deny', prompts: ['x'] })]);
    expect(resume(support, denied)).toBe('resume_refused by resumption:filtered-caller');
  });

  it('is refused on a POST too', () => {
    expect(shortly(judge.decide(inputOf(toolCall('search_orders'), support, { message: { isResumed: true } })))).toBe(
      'resume_refused by resumption:filtered-caller',
    );
  });
});

describe('anonymous callers', () => {
  const initialize: Call = { kind: 'lifecycle', method: 'initialize' };

  it('are told to authenticate, whatever they ask, where no rule admits them', () => {
    for (const call of [
      initialize,
      toolCall('search_orders'),
      toolCall('nothing'),
      { kind: 'unknown', method: 'x' },
    ] as const)
      expect(decide(call, anonymous)).toBe('unauthenticated by authentication:required');
  });

  it('are still told so where the only anonymous rule denies, names nothing or asks for a tenant', () => {
    for (const rule of [
      ruleOf({ id: 'no', effect: 'deny', callers: { anonymous: true }, tools: ['*'] }),
      ruleOf({ id: 'empty', callers: { anonymous: true } }),
      ruleOf({ id: 'acme', callers: { anonymous: true, tenants: ['acme'] }, tools: ['*'] }),
    ])
      expect(decide(initialize, anonymous, judgeOf([...rules, rule]))).toBe(
        'unauthenticated by authentication:required',
      );
  });

  it('get what an anonymous rule names and nothing else', () => {
    const open = judgeOf([...rules, ruleOf({ id: 'public', callers: { anonymous: true }, tools: ['help'] })]);
    expect(decide(initialize, anonymous, open)).toBe('lifecycle:lifecycle');
    expect(decide(toolCall('help'), anonymous, open)).toBe('public');
    expect(decide(toolCall('search_orders'), anonymous, open)).toBe('tool_denied by tool-access:no-rule-allows');
    expect(decide(toolCall('help'), globex, open)).toBe('public');
  });

  it('are not let in by the name, tags or tenant of Kong’s anonymous consumer', () => {
    const stand_in: Caller = { ...anonymous, consumer: 'acme-billing', tenant: 'acme', groups: ['desk'] };
    expect(decide(toolCall('create_invoice'), stand_in)).toBe('unauthenticated by authentication:required');
  });
});

describe('scopes of a token', () => {
  const scoped = judgeOf(rules, { oauth: oauthOptions });
  const withScopes = (...scopes: string[]): Caller => ({ ...billing, user: 'ann', scopes });

  it('are asked for once the rules allow the tool', () => {
    const decision = scoped.decide(inputOf(toolCall('create_invoice'), withScopes('orders.read')));
    expect(decision).toMatchObject({
      effect: 'deny',
      policy: 'tool-scopes',
      reason: 'insufficient_scope',
      detail: 'The token lacks a scope that create_invoice needs: invoices.write',
    });
    expect(decide(toolCall('create_invoice'), withScopes('invoices.write', 'orders.read'), scoped)).toBe('billing');
    expect(decide(toolCall('search_orders'), withScopes(), scoped)).toBe('acme-reads');
  });

  it('are not asked for a tool that the rules refuse: consent would not help, and the tool is hidden', () => {
    expect(decide(toolCall('create_invoice'), { ...support, scopes: [] }, scoped)).toBe(
      'tool_denied by tool-access:no-rule-allows',
    );
  });

  it('never replace a rule', () => {
    expect(decide(toolCall('create_invoice'), { ...globex, scopes: ['invoices.write', 'orders.read'] }, scoped)).toBe(
      'tool_denied by tool-access:no-rule-allows',
    );
  });

  it('do not hide a tool from the list, for consent can still be given', () => {
    expect(scoped.mayUse(withScopes(), 'tool', 'create_invoice', noon)).toBe(true);
  });
});

describe('lists are filtered by the decision on the call', () => {
  const callOf: Record<ItemKind, (name: string) => Call> = {
    tool: toolCall,
    prompt: promptCall,
    resource: resourceCall,
    resourceTemplate: (uri) => completion({ kind: 'resource', uri }),
  };
  const items: readonly (readonly [ItemKind, string])[] = [
    ...['search_orders', 'purge_orders', 'create_invoice', '__proto__', 'generate_report'].map(
      (name) => ['tool', name] as const,
    ),
    ...['summary', 'constructor'].map((name) => ['prompt', name] as const),
    ...['docs://acme/a', 'docs://acme/x/../secret', 'docs://globex/b'].map((name) => ['resource', name] as const),
    ...['docs://globex/{page}', 'docs://acme/{page}'].map((name) => ['resourceTemplate', name] as const),
  ];

  it('for 4 callers and 12 items of all kinds', () => {
    const answers = [support, billing, globex, stray].flatMap((caller) =>
      items.map(([kind, name]) => {
        const shown = judge.mayUse(caller, kind, name, noon);
        expect([caller.consumer, kind, name, shown]).toEqual([
          caller.consumer,
          kind,
          name,
          judge.decide(inputOf(callOf[kind](name), caller)).effect === 'allow',
        ]);
        return shown;
      }),
    );
    expect(new Set(answers)).toEqual(new Set([true, false]));
  });

  it('so that two tenants with their own tools see disjoint lists', () => {
    const split = judgeOf([
      ruleOf({ id: 'a', callers: { tenants: ['acme'] }, tools: ['acme_*'] }),
      ruleOf({ id: 'g', callers: { tenants: ['globex'] }, tools: ['globex_*'] }),
    ]);
    const listed = ['acme_a', 'acme_b', 'globex_a'];
    expect(listed.filter((tool) => split.mayUse(support, 'tool', tool, noon))).toEqual(['acme_a', 'acme_b']);
    expect(listed.filter((tool) => split.mayUse(globex, 'tool', tool, noon))).toEqual(['globex_a']);
    expect(listed.filter((tool) => split.mayUse(stray, 'tool', tool, noon))).toEqual([]);
  });
});

describe('explain', () => {
  it('gives every policy’s opinion on a tool call and marks the one that decided', () => {
    expect(judge.explain(inputOf(toolCall('purge_orders'), billing))).toEqual([
      { policy: 'authentication', effect: 'none', rule: 'authentication:consumer', decides: false },
      { policy: 'session-ownership', effect: 'none', rule: 'session-ownership:no-session', decides: false },
      { policy: 'resumption', effect: 'none', rule: 'resumption:fresh', decides: false },
      {
        policy: 'tool-access',
        effect: 'deny',
        rule: 'nobody-purges',
        reason: 'tool_denied',
        detail: 'Unknown tool: purge_orders',
        decides: true,
      },
      { policy: 'subscription', effect: 'none', rule: 'subscription:none', decides: false },
      { policy: 'tool-scopes', effect: 'none', rule: 'tool-scopes:sufficient', decides: false },
    ]);
  });

  it('marks exactly one opinion, the decision’s own, for every kind of call', () => {
    const calls: readonly Call[] = [
      toolCall('search_orders'),
      toolCall('nothing'),
      promptCall('summary'),
      resourceCall('docs://acme/a'),
      operationCall('x'),
      { kind: 'list', method: 'tools/list', itemKind: 'tool' },
      { kind: 'task', method: 'tasks/get', taskId: 't' },
      { kind: 'listen', method: 'subscriptions/listen', resourceUris: [], taskIds: [] },
      completion({ kind: 'prompt', name: 'summary' }),
      ...(['lifecycle', 'notification', 'response', 'stream', 'session_end', 'server_only', 'unknown'] as const).map(
        (kind): Call => ({ kind, method: 'm' }),
      ),
    ];
    expect(new Set(calls.map((call) => call.kind))).toEqual(new Set(everyKind));
    for (const call of calls)
      for (const caller of [support, anonymous]) {
        const decided = judge.explain(inputOf(call, caller)).filter((opinion) => opinion.decides);
        const decision = judge.decide(inputOf(call, caller));
        expect(decided.map(({ policy, rule }) => ({ policy, rule }))).toEqual([
          { policy: decision.policy, rule: decision.rule },
        ]);
      }
  });

  it('denies a call of a kind that no policy knows', () => {
    const strange = { kind: 'strange', method: 'x' } as unknown as Call;
    expect(decide(strange, support)).toBe('method_denied by silence:nobody-allows');
    expect(judge.explain(inputOf(strange, support)).at(-1)).toMatchObject({ policy: 'silence', decides: true });
  });
});

describe('the registry of policies', () => {
  it('holds names that differ, and a policy of its own for each kind of call besides authentication and resumption', () => {
    expect(new Set(policies.map((policy) => policy.name)).size).toBe(policies.length);
    for (const kind of everyKind)
      expect(policies.filter((policy) => policy.appliesTo(kind)).length).toBeGreaterThanOrEqual(3);
  });

  it('gives no opinion on a call that a policy is not about', () => {
    const toolAccess = policies.find((policy) => policy.name === 'tool-access');
    const unused = { access: undefined, subscriptions: undefined, situation: undefined, config: undefined } as never;
    const opinion = toolAccess?.opinion({ ...inputOf(promptCall('x'), support), ...(unused as object) } as never);
    expect(opinion).toEqual({ policy: 'tool-access', effect: 'none', rule: 'tool-access:not-concerned' });
  });
});

function completion(reference: Extract<Call, { kind: 'completion' }>['reference']): Call {
  return { kind: 'completion', method: 'completion/complete', reference };
}
