import {
  inSession,
  legacy,
  MCP_PATH,
  modern,
  rest,
  searchOrders,
  deleteOrder,
  type BeforeGovernance,
  type Consumer,
  type CorpusCase,
  type CorpusRequest,
  type Expectation,
} from './case.ts';
import { allowedTool, deniedBy, passes, unauthenticated, unknownTool, unread } from './expectations.ts';

type Sent = Pick<CorpusCase, 'as' | 'request'>;

const row = (name: string, { as, request }: Sent, expect: Expectation): CorpusCase => ({
  name,
  as,
  to: 'mcp',
  request,
  expect,
});

const createInvoice = { name: 'create_invoice', arguments: { customer: 'Ada', amount: 1, currency: 'EUR' } };

/** Every header by which a server behind a gateway might know who calls, as a client of acme-support would forge it. */
const forged = {
  'x-tenant-id': 'globex',
  'x-consumer-id': '00000000-0000-4000-8000-000000000000',
  'x-consumer-username': 'acme-billing',
  'x-consumer-custom-id': 'acme-billing-desk',
  'x-consumer-groups': 'admins',
  'x-credential-identifier': 'forged',
  'x-authenticated-userid': 'root',
  'x-authenticated-groups': 'admins',
  'x-authenticated-user': 'root',
  'x-forwarded-user': 'root',
  'x-user-id': '1',
  'x-mcp-governance-verdict': 'allow',
  x_consumer_username: 'acme-billing',
  X_Tenant_Id: 'globex',
};

const unproved = [
  'x-tenant-id',
  'x-consumer-groups',
  'x-authenticated-userid',
  'x-authenticated-groups',
  'x-authenticated-user',
  'x-forwarded-user',
  'x-user-id',
  'x-mcp-governance-verdict',
  'x_consumer_username',
  'x_tenant_id',
];

const proved = { 'x-consumer-username': 'acme-support', 'x-consumer-custom-id': 'acme-support-desk' };

const spoofs: readonly CorpusCase[] = [
  row(
    'forged identity headers do not reach the server',
    { as: 'acme-support', request: modern('tools/call', { ...searchOrders }, forged) },
    allowedTool('search_orders', 'acme-support-desk', { serverSees: { without: unproved, with: proved } }),
  ),
  row(
    'forged identity headers open no tool of another consumer',
    { as: 'acme-support', request: modern('tools/call', { ...createInvoice }, forged) },
    unknownTool('create_invoice'),
  ),
  row(
    'a forged tenant opens no tool of another tenant',
    {
      as: 'globex-agent',
      request: legacy(
        'tools/call',
        { name: 'generate_report' },
        { 'x-tenant-id': 'acme', 'x-consumer-custom-id': 'acme-support-desk' },
      ),
    },
    unknownTool('generate_report'),
  ),
  row(
    'a forged tenant does not change a list',
    {
      as: 'globex-agent',
      request: modern('tools/list', {}, { 'x-tenant-id': 'acme', 'x-consumer-username': 'acme-support' }),
    },
    passes('list', 'lifecycle:filtered-list', { shows: { kind: 'tool', names: ['search_orders'] } }),
  ),
  row(
    'X-Anonymous-Consumer from a client lowers nobody',
    { as: 'acme-support', request: modern('tools/call', { ...searchOrders }, { 'x-anonymous-consumer': 'true' }) },
    allowedTool('search_orders', 'acme-support-desk', { serverSees: { without: ['x-anonymous-consumer'] } }),
  ),
  {
    ...row(
      'forged identity headers do not reach the REST API',
      { as: 'globex-agent', request: rest('GET', '/products', { headers: forged }) },
      passes('operation', 'everyone-reads-products', {
        tool: 'listProducts',
        serverSees: { without: unproved, with: { 'x-consumer-username': 'globex-agent' } },
      }),
    ),
    to: 'rest',
  },
];

const credentials: readonly CorpusCase[] = [
  row(
    'the key does not reach the server',
    { as: 'acme-support', request: modern('tools/call', { ...searchOrders }) },
    allowedTool('search_orders', 'acme-support-desk', { serverSees: { without: ['apikey'] } }),
  ),
  row(
    'a key in the query does not reach the server, the other parameters do',
    {
      as: 'acme-support',
      request: { ...modern('tools/call', { ...searchOrders }), keyIn: 'query', target: `${MCP_PATH}?a=1&b=%20` },
    },
    allowedTool('search_orders', 'acme-support-desk', { serverSees: { without: ['apikey'], query: 'a=1&b=%20' } }),
  ),
  row(
    'other credentials beside the key do not reach the server',
    {
      as: 'acme-support',
      request: modern(
        'tools/call',
        { ...searchOrders },
        { authorization: 'Bearer abc', 'proxy-authorization': 'Basic abc', 'x-api-key': 'abc', api_key: 'abc' },
      ),
    },
    allowedTool('search_orders', 'acme-support-desk', {
      serverSees: { without: ['authorization', 'proxy-authorization', 'x-api-key', 'api_key'] },
    }),
  ),
  row(
    'a token in the query does not reach the server',
    {
      as: 'acme-support',
      request: { ...modern('tools/call', { ...searchOrders }), target: `${MCP_PATH}?access_token=abc&%6Awt=abc&c=3` },
    },
    allowedTool('search_orders', 'acme-support-desk', { serverSees: { query: 'c=3' } }),
  ),
  {
    ...row(
      'a key in the query of a REST call does not reach the API',
      { as: 'globex-agent', request: { ...rest('GET', '/products?limit=1'), keyIn: 'query' } },
      passes('operation', 'everyone-reads-products', { tool: 'listProducts', serverSees: { query: 'limit=1' } }),
    ),
    to: 'rest',
  },
];

const refusedByKeyAuth: BeforeGovernance = { why: 'key-auth answers first', status: 401, isRecorded: true };

const stranger = (name: string, request: CorpusRequest): CorpusCase => ({
  ...row(name, { as: 'nobody', request }, unauthenticated('tool', 'search_orders')),
  atGateway: refusedByKeyAuth,
});

const search = (headers: Readonly<Record<string, string | readonly string[]>> = {}): CorpusRequest =>
  modern('tools/call', { ...searchOrders }, headers);

const strangers: readonly CorpusCase[] = [
  stranger('a call without a key is not authenticated', search()),
  stranger('an unknown key is not authenticated', search({ apikey: 'no-such-key' })),
  stranger('an empty key is not authenticated', search({ apikey: '' })),
  stranger('a key with a space behind an X is not authenticated', search({ apikey: 'test-key-acme-supportX' })),
  stranger('a key as a bearer token is not authenticated', search({ authorization: 'Bearer test-key-acme-support' })),
  stranger(
    'a key as a Basic credential is not authenticated',
    search({ authorization: `Basic ${btoa('test-key-acme-support:')}` }),
  ),
  stranger('garbage in Authorization is not authenticated', search({ authorization: '\\\\\\' })),
  stranger('a key in X-API-Key is not authenticated', search({ 'x-api-key': 'test-key-acme-support' })),
  stranger('a key in a cookie is not authenticated', search({ cookie: 'apikey=test-key-acme-support' })),
  stranger('two keys are not authenticated', search({ apikey: ['test-key-acme-support', 'test-key-acme-billing'] })),
  stranger(
    'a key in the body is not authenticated',
    modern('tools/call', { ...searchOrders, apikey: 'test-key-acme-support' }),
  ),
  stranger('forged consumer headers authenticate nobody', search(forged)),
  stranger(
    'X-Anonymous-Consumer: false authenticates nobody',
    search({ 'x-anonymous-consumer': 'false', 'x-consumer-id': 'acme-support' }),
  ),
  {
    ...row(
      'even initialize needs a key',
      {
        as: 'nobody',
        request: legacy('initialize', {
          protocolVersion: '2025-11-25',
          capabilities: {},
          clientInfo: { name: 'x', version: '1' },
        }),
      },
      unauthenticated('lifecycle'),
    ),
    atGateway: refusedByKeyAuth,
  },
  {
    ...row('even tools/list needs a key', { as: 'nobody', request: legacy('tools/list') }, unauthenticated('list')),
    atGateway: refusedByKeyAuth,
  },
  {
    ...row(
      'a REST call without a key is not authenticated',
      { as: 'nobody', request: rest('GET', '/products') },
      unauthenticated('operation', 'listProducts'),
    ),
    to: 'rest',
    atGateway: refusedByKeyAuth,
  },
];

const foreignOrigin = unread('origin_refused', { status: 403, code: 403 });
const fromOrigin = (origin: string | readonly string[]): Sent => ({
  as: 'acme-support',
  request: modern('tools/call', { ...searchOrders }, { origin }),
});

const origins: readonly CorpusCase[] = [
  row('a page of another site may not call', fromOrigin('https://evil.example'), foreignOrigin),
  row(
    'a page of a site that begins like an allowed one may not call',
    fromOrigin('http://localhost.evil.example'),
    foreignOrigin,
  ),
  row('a page of an allowed host over https may not call', fromOrigin('https://localhost:3000'), foreignOrigin),
  row('a sandboxed page may not call', fromOrigin('null'), foreignOrigin),
  row('two origins may not call', fromOrigin(['http://localhost:3000', 'https://evil.example']), foreignOrigin),
  row('an allowed origin with a path may not call', fromOrigin('http://localhost:3000/x'), foreignOrigin),
  row(
    'a page on localhost may call',
    fromOrigin('http://localhost:3000'),
    allowedTool('search_orders', 'acme-support-desk'),
  ),
  {
    ...row(
      'two Host headers are refused',
      {
        as: 'acme-support',
        request: modern('tools/call', { ...searchOrders }, { host: ['localhost', 'evil.example'] }),
      },
      unread('host_refused', { status: 403, code: 403 }),
    ),
    atGateway: { why: 'Kong refuses two Host headers itself', status: 400, isRecorded: false },
  },
];

const sessionNotFound = (kind: string): Expectation =>
  deniedBy('session_denied', {
    rule: 'session-ownership:foreign',
    kind,
    status: 404,
    code: -32001,
    message: 'Session not found',
    id: null,
  });

const inForeign = (request: CorpusRequest, of: Consumer, change?: (id: string) => string): Sent => ({
  as: 'acme-support',
  request: inSession(request, of, change),
});

const changeTag = (id: string): string => `${id.slice(0, -1)}${id.endsWith('A') ? 'B' : 'A'}`;

const sessions: readonly CorpusCase[] = [
  row('a session of another tenant does not exist', inForeign(legacy('tools/call', searchOrders), 'globex-agent'), {
    ...sessionNotFound('tool'),
    tool: 'search_orders',
  }),
  row(
    'a session of a colleague does not exist',
    inForeign(legacy('ping'), 'acme-billing'),
    sessionNotFound('lifecycle'),
  ),
  row(
    'a session with a changed tag does not exist',
    inForeign(legacy('ping'), 'acme-support', changeTag),
    sessionNotFound('lifecycle'),
  ),
  row(
    'a session without its tag does not exist',
    inForeign(legacy('ping'), 'acme-support', (id) => id.slice(0, id.lastIndexOf('.'))),
    sessionNotFound('lifecycle'),
  ),
  row(
    'a session with another id before its tag does not exist',
    inForeign(legacy('ping'), 'acme-support', (id) => `x${id}`),
    sessionNotFound('lifecycle'),
  ),
  row(
    'a session with a padded tag does not exist',
    inForeign(legacy('ping'), 'acme-support', (id) => `${id}=`),
    sessionNotFound('lifecycle'),
  ),
  row(
    'a session that nobody opened does not exist',
    { as: 'acme-support', request: legacy('ping', undefined, { 'mcp-session-id': 'made-up' }) },
    sessionNotFound('lifecycle'),
  ),
  row(
    'a list in a session of another caller is not shown',
    inForeign(legacy('tools/list'), 'globex-agent'),
    sessionNotFound('list'),
  ),
  row(
    'a stream of another caller does not exist',
    inForeign({ method: 'GET', target: MCP_PATH, headers: { accept: 'text/event-stream' } }, 'globex-agent'),
    sessionNotFound('stream'),
  ),
  row(
    'a session of another caller cannot be ended',
    inForeign({ method: 'DELETE', target: MCP_PATH, headers: {} }, 'globex-agent'),
    sessionNotFound('session_end'),
  ),
  row(
    'no session cannot be ended',
    { as: 'acme-support', request: { method: 'DELETE', target: MCP_PATH, headers: {} } },
    { ...sessionNotFound('session_end'), rule: 'session-ownership:no-session' },
  ),
  row('a foreign session is named before a denied tool', inForeign(legacy('tools/call', deleteOrder), 'globex-agent'), {
    ...sessionNotFound('tool'),
    tool: 'delete_order',
  }),
  row(
    'two session ids are refused',
    { as: 'acme-support', request: legacy('ping', undefined, { 'mcp-session-id': ['a', 'b'] }) },
    unread('ambiguous_header', { status: 400, code: -32600 }),
  ),
];

export const identity: readonly CorpusCase[] = [...spoofs, ...credentials, ...strangers, ...origins, ...sessions];
