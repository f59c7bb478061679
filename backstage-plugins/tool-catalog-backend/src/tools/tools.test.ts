import type { Plan } from '@mcp-governance/backstage-plugin-tool-catalog-common';
import { accessInWords, type AccessRule } from './accessInWords';
import { readOpenApi } from './readOpenApi';
import { covers, matchesPattern } from './toolPatterns';

describe('a pattern of tool names', () => {
  it.each([
    ['*', 'anything', true],
    ['search_*', 'search_orders', true],
    ['search_*', 'search', false],
    ['*_order', 'delete_order', true],
    ['a*b*c', 'axxbyyc', true],
    ['a*b*c', 'axxbyy', false],
    ['ab*ba', 'aba', false],
    ['search_orders', 'Search_orders', false],
    ['a.c', 'abc', false],
  ])('%s and %s: %s', (pattern, name, isMatch) => {
    expect(matchesPattern(pattern, name)).toBe(isMatch);
  });

  it('must hold in the plan and in the part that was subscribed', () => {
    expect(covers({ tools: ['search_*'] }, {}, 'search_orders')).toBe(true);
    expect(covers({ tools: ['search_*'] }, { tools: ['search_users'] }, 'search_orders')).toBe(false);
    expect(covers({ tools: ['search_*'] }, { tools: ['*'] }, 'delete_order')).toBe(false);
  });
});

const plan: Plan = {
  ...{ id: 'starter', server: 'orders', name: 'Starter', description: '', limits: [] },
  ...{ tools: ['search_*'], requiresApproval: true, autoApprovedTeams: [], status: 'active' },
};

describe('access in words', () => {
  const rules: readonly AccessRule[] = [
    { id: 'everyone', callers: { tenants: ['acme', 'globex'] }, tools: ['search_orders'] },
    { id: 'nobody-deletes', effect: 'deny', tools: ['delete_*'] },
    {
      id: 'large',
      effect: 'deny',
      servers: ['orders'],
      tools: ['create_invoice'],
      when: [{}],
      message: 'Ask the user.',
    },
    { id: 'trial', effect: 'deny', tools: ['*'], shadow: true },
    { id: 'hidden', effect: 'deny', tools: ['*'], phases: ['list'] },
    { id: 'elsewhere', effect: 'deny', servers: ['billing'], tools: ['*'] },
  ];
  const of = (tool: string) => accessInWords({ server: 'orders', tool }, { rules, plans: [plan] });

  it('says refusals first, then plans, then rules', () => {
    expect(of('search_orders')).toEqual([
      'Allowed with an active subscription to the plan "Starter".',
      'Allowed for the tenants acme, globex (rule everyone).',
    ]);
    expect(of('delete_order')).toEqual(['Refused for everybody (rule nobody-deletes).']);
    expect(of('create_invoice')).toEqual(['Refused for everybody, under conditions (rule large). Ask the user.']);
  });

  it('says that nobody may call what nothing allows', () => {
    expect(of('confirm_refund')).toEqual(['Nobody may call it yet: no plan includes it and no rule allows it.']);
  });
});

describe('an OpenAPI document', () => {
  const document = {
    openapi: '3.1.0',
    paths: {
      '/payments/{id}': {
        parameters: [{ $ref: '#/components/parameters/id' }],
        get: {
          operationId: 'getPayment',
          summary: 'One payment',
          parameters: [{ name: 'expand', in: 'query', description: 'More of it', schema: { type: 'boolean' } }],
        },
        delete: { summary: 'has no name, so it is no tool' },
      },
      '/payments': {
        post: {
          operationId: 'createPayment',
          summary: 'Pay',
          description: 'Takes money.',
          requestBody: {
            required: true,
            content: { 'application/json': { schema: { $ref: '#/components/schemas/Payment' } } },
          },
        },
      },
    },
    components: {
      parameters: { id: { name: 'id', in: 'path', required: true, schema: { type: 'string' } } },
      schemas: { Payment: { type: 'object', properties: { amount: { type: 'integer' } } } },
    },
  };

  it('gives a tool per named operation, with one schema for path, query and body', () => {
    const [payment, creation, ...more] = readOpenApi(JSON.stringify(document));
    expect(more).toEqual([]);
    expect(payment).toMatchObject({
      tool: 'getPayment',
      title: 'One payment',
      description: 'One payment',
      operation: { method: 'GET', path: '/payments/{id}' },
      inputSchema: {
        type: 'object',
        required: ['path'],
        properties: {
          path: { type: 'object', required: ['id'], properties: { id: { type: 'string' } } },
          query: { properties: { expand: { type: 'boolean', description: 'More of it' } } },
        },
      },
    });
    expect(creation).toMatchObject({
      tool: 'createPayment',
      description: 'Takes money.',
      inputSchema: {
        required: ['body'],
        properties: { body: { $ref: '#/components/schemas/Payment' } },
        components: { schemas: { Payment: { type: 'object' } } },
      },
    });
  });

  it('may be YAML', () => {
    const text = 'openapi: 3.0.0\npaths:\n  /a:\n    get:\n      operationId: readA\n';
    expect(readOpenApi(text)).toMatchObject([{ tool: 'readA', operation: { method: 'GET', path: '/a' } }]);
  });

  it.each([
    '',
    '{',
    '[]',
    'null',
    'paths: 3',
    '{"paths":{"/a":{"get":null}}}',
    '{"paths":{"/a":{"get":{"operationId":5}}}}',
  ])('that says nothing has no tools: %j', (text) => {
    expect(readOpenApi(text)).toEqual([]);
  });
});
