import {
  inSession,
  legacy,
  modern,
  searchOrders,
  type Consumer,
  type CorpusCase,
  type CorpusRequest,
  type Expectation,
} from './case.ts';
import { allowedTool, deniedBy, invalidName, passes, unknownTool, unread } from './expectations.ts';

interface Tool {
  readonly name: string;
  readonly arguments: object;
}

const tools: Readonly<Record<string, Tool>> = {
  search: searchOrders,
  invoice: { name: 'create_invoice', arguments: { customer: 'Ada', amount: 12.5, currency: 'EUR' } },
  report: { name: 'generate_report', arguments: { title: 'Corpus', steps: 1 } },
  refund: { name: 'confirm_refund', arguments: { orderId: 'ord-1001' } },
  remove: { name: 'delete_order', arguments: { orderId: 'ord-1001' } },
};

/** Who may call what in kong.yml: the rule that allows it, or the one that denies; no entry is silence. */
const matrix: readonly (readonly [Consumer, keyof typeof tools, 'allow' | 'deny', string])[] = [
  ['acme-support', 'search', 'allow', 'acme-support-desk'],
  ['acme-support', 'report', 'allow', 'acme-support-desk'],
  ['acme-support', 'invoice', 'deny', 'tool-access:no-rule-allows'],
  ['acme-support', 'remove', 'deny', 'nobody-deletes'],
  ['acme-billing', 'search', 'allow', 'acme-billing-desk'],
  ['acme-billing', 'invoice', 'allow', 'acme-billing-desk'],
  ['acme-billing', 'report', 'deny', 'tool-access:no-rule-allows'],
  ['acme-billing', 'refund', 'deny', 'tool-access:no-rule-allows'],
  ['acme-billing', 'remove', 'deny', 'nobody-deletes'],
  ['globex-agent', 'search', 'allow', 'globex-read-only'],
  ['globex-agent', 'invoice', 'deny', 'tool-access:no-rule-allows'],
  ['globex-agent', 'report', 'deny', 'tool-access:no-rule-allows'],
  ['globex-agent', 'remove', 'deny', 'nobody-deletes'],
];

const toolCases: readonly CorpusCase[] = matrix.flatMap(([as, key, effect, rule]) => {
  const tool = tools[key] ?? searchOrders;
  const expect = effect === 'allow' ? allowedTool(tool.name, rule) : unknownTool(tool.name, { rule });
  const verb = effect === 'allow' ? 'may' : 'may not';
  return [
    {
      name: `${as} ${verb} call ${tool.name} in the legacy era`,
      as,
      to: 'mcp',
      request: inSession(legacy('tools/call', tool), as),
      expect,
    },
    {
      name: `${as} ${verb} call ${tool.name} in the modern era`,
      as,
      to: 'mcp',
      request: modern('tools/call', { ...tool }),
      expect,
    },
  ] as const;
});

const row = (name: string, as: Consumer, request: CorpusRequest, expect: Expectation): CorpusCase => ({
  name,
  as,
  to: 'mcp',
  request,
  expect,
});

const largeInvoice = { name: 'create_invoice', arguments: { customer: 'Ada', amount: 1000.01, currency: 'EUR' } };

/** The model is told why, so that it can ask its user; the amount itself is not repeated. */
const tooLarge: Expectation = {
  ...unknownTool('create_invoice', { rule: 'large-invoices' }),
  reason: 'arguments_denied',
  status: 200,
  body: {
    including: {
      jsonrpc: '2.0',
      id: 7,
      result: {
        isError: true,
        resultType: 'complete',
        content: [
          { type: 'text', text: 'Invoices above 1000 need a person. Ask the user to create it in the billing system.' },
        ],
      },
    },
  },
};

const forms: readonly CorpusCase[] = [
  row(
    'an invoice above 1000 is refused by its amount',
    'acme-billing',
    modern('tools/call', { ...largeInvoice }),
    tooLarge,
  ),
  row(
    'an invoice above 1000 is refused by its amount in the legacy era',
    'acme-billing',
    inSession(legacy('tools/call', largeInvoice), 'acme-billing'),
    tooLarge,
  ),
  row(
    'a tool that does not exist is answered like a hidden one',
    'acme-support',
    modern('tools/call', { name: 'no_such_tool' }),
    unknownTool('no_such_tool'),
  ),
  row(
    'an allowed tool with its name escaped is allowed',
    'acme-support',
    { ...modern('tools/call', { ...searchOrders }), ...escapedName() },
    allowedTool('search_orders', 'acme-support-desk'),
  ),
  row(
    'an allowed tool in Base64 in its Mcp-Name is allowed',
    'acme-support',
    modern('tools/call', { ...searchOrders }, { 'mcp-name': '=?base64?c2VhcmNoX29yZGVycw==?=' }),
    allowedTool('search_orders', 'acme-support-desk'),
  ),
  row(
    'an allowed tool in chunks is allowed',
    'acme-support',
    { ...modern('tools/call', { ...searchOrders }), isChunked: true },
    allowedTool('search_orders', 'acme-support-desk'),
  ),
  row(
    'a content type in another case with a charset is accepted',
    'acme-support',
    modern('tools/call', { ...searchOrders }, { 'content-type': 'Application/JSON; charset=UTF-8' }),
    allowedTool('search_orders', 'acme-support-desk'),
  ),
  row(
    'a legacy Mcp-Name does not reach the server',
    'acme-support',
    inSession(
      legacy('tools/call', searchOrders, { 'mcp-name': 'delete_order', 'mcp-method': 'ping', 'mcp-param-x': '1' }),
      'acme-support',
    ),
    allowedTool('search_orders', 'acme-support-desk', {
      serverSees: { without: ['mcp-name', 'mcp-method', 'mcp-param-x'] },
    }),
  ),
  row(
    'a modern Mcp-Param reaches the server',
    'acme-support',
    modern('tools/call', { ...searchOrders }, { 'mcp-param-region': 'eu' }),
    allowedTool('search_orders', 'acme-support-desk', {
      serverSees: { with: { 'mcp-param-region': 'eu', 'mcp-name': 'search_orders' } },
    }),
  ),
  row(
    'a modern call does not carry a session',
    'acme-support',
    modern('tools/call', { ...searchOrders }, { 'mcp-session-id': 'made-up', 'last-event-id': '1' }),
    allowedTool('search_orders', 'acme-support-desk', { serverSees: { without: ['mcp-session-id', 'last-event-id'] } }),
  ),
];

function escapedName(): Pick<CorpusRequest, 'body'> {
  const { body } = modern('tools/call', { ...searchOrders });
  return typeof body === 'string' ? { body: body.replace('"search_orders"', '"search\\u005forders"') } : {};
}

const unknownPrompt = (kind: 'prompt' | 'completion', rule: string): Expectation =>
  deniedBy(`${kind}_denied`, { rule, kind, status: 200, code: -32602, message: 'Unknown prompt: refund_reply' });

const ref = { type: 'ref/prompt', name: 'refund_reply' };
const resourceRef = { type: 'ref/resource', uri: 'orders://order/{id}' };
const argument = { name: 'orderId', value: 'ord' };
const uri = 'orders://summary';

/** kong.yml allows no prompt and no resource to anybody: silence denies. */
const items: readonly CorpusCase[] = [
  row(
    'a prompt that no rule allows is unknown',
    'acme-support',
    legacy('prompts/get', { name: 'refund_reply' }),
    unknownPrompt('prompt', 'prompt-access:no-rule-allows'),
  ),
  row(
    'a prompt that no rule allows is unknown in the modern era',
    'acme-billing',
    modern('prompts/get', { name: 'refund_reply' }),
    unknownPrompt('prompt', 'prompt-access:no-rule-allows'),
  ),
  row(
    'a resource that no rule allows is not found with -32002',
    'acme-support',
    legacy('resources/read', { uri }),
    deniedBy('resource_denied', {
      rule: 'resource-access:no-rule-allows',
      kind: 'resource',
      status: 200,
      code: -32002,
      message: 'Resource not found',
      data: { uri },
    }),
  ),
  row(
    'a resource that no rule allows is not found with -32602 in the modern era',
    'acme-support',
    modern('resources/read', { uri }),
    deniedBy('resource_denied', {
      rule: 'resource-access:no-rule-allows',
      kind: 'resource',
      status: 200,
      code: -32602,
      message: 'Resource not found',
      data: { uri },
    }),
  ),
  row(
    'a subscription to a resource that no rule allows is refused',
    'globex-agent',
    legacy('resources/subscribe', { uri }),
    deniedBy('resource_denied', {
      rule: 'resource-access:no-rule-allows',
      kind: 'resource',
      status: 200,
      code: -32002,
      message: 'Resource not found',
      data: { uri },
    }),
  ),
  row(
    'a resource behind a dot segment is refused',
    'acme-support',
    legacy('resources/read', { uri: 'orders://order/../summary' }),
    invalidName(),
  ),
  row(
    'a resource behind an escaped dot segment is refused',
    'acme-support',
    legacy('resources/read', { uri: 'orders://order/%2e%2e/summary' }),
    invalidName(),
  ),
  row(
    'a completion for a prompt that no rule allows is refused',
    'acme-support',
    legacy('completion/complete', { ref, argument }),
    unknownPrompt('completion', 'completion-access:no-rule-allows'),
  ),
  row(
    'a completion for a template that no rule allows is refused',
    'acme-support',
    modern('completion/complete', { ref: resourceRef, argument }),
    deniedBy('completion_denied', {
      rule: 'completion-access:no-rule-allows',
      kind: 'completion',
      status: 200,
      code: -32602,
      message: 'Resource not found',
    }),
  ),
  row(
    'a completion for nothing known is refused',
    'acme-support',
    legacy('completion/complete', { ref: { type: 'ref/tool', name: 'delete_order' }, argument }),
    unread('invalid_parameters', { status: 400, code: -32602, id: 7 }),
  ),
  row(
    'a subscription that names one resource too many is refused',
    'acme-support',
    modern('subscriptions/listen', { notifications: { toolsListChanged: true, resourceSubscriptions: [uri] } }),
    deniedBy('resource_denied', {
      rule: 'listen-access:no-rule-allows',
      kind: 'listen',
      status: 200,
      code: -32602,
      message: 'Resource not found',
    }),
  ),
];

const taskNotFound = (kind: 'task' | 'listen', rule: string): Expectation =>
  deniedBy('task_denied', { rule, kind, status: 200, code: -32602, message: 'Task not found' });

const task = (taskId: string): CorpusRequest => modern('tasks/get', { taskId });

/** The demo server has no tasks, and says so: what counts is whether it was asked. */
const tasks: readonly CorpusCase[] = [
  row(
    'a task that nobody owns yet is its namer’s',
    'acme-support',
    task('corpus-task-1'),
    passes('task', 'task-ownership:own', { status: 404 }),
  ),
  {
    ...row(
      'a task of another caller is not found',
      'globex-agent',
      task('corpus-task-2'),
      taskNotFound('task', 'task-ownership:foreign'),
    ),
    after: [{ as: 'acme-support', request: task('corpus-task-2') }],
  },
  {
    ...row(
      'a task of a colleague in the same tenant is not found',
      'acme-billing',
      modern('tasks/cancel', { taskId: 'corpus-task-3' }),
      taskNotFound('task', 'task-ownership:foreign'),
    ),
    after: [{ as: 'acme-support', request: task('corpus-task-3') }],
  },
  {
    ...row(
      'a task stays its owner’s after another has named it',
      'acme-support',
      task('corpus-task-4'),
      passes('task', 'task-ownership:own', { status: 404 }),
    ),
    after: [{ as: 'acme-support', request: task('corpus-task-4') }],
  },
  {
    ...row(
      'a subscription to a task of another caller is refused',
      'globex-agent',
      modern('subscriptions/listen', { notifications: { taskIds: ['corpus-task-5'] } }),
      taskNotFound('listen', 'listen-access:foreign-task'),
    ),
    after: [{ as: 'acme-support', request: task('corpus-task-5') }],
  },
  row(
    'tasks/list, which may show the tasks of others, is not found',
    'acme-support',
    legacy('tasks/list'),
    deniedBy('method_denied', {
      rule: 'task-ownership:lists-denied',
      kind: 'task',
      status: 200,
      code: -32601,
      message: 'Method not found',
      data: { reason: 'method_denied' },
    }),
  ),
];

export const access: readonly CorpusCase[] = [...toolCases, ...forms, ...items, ...tasks];
