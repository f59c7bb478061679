import type { Call, Message } from '../../call.ts';
import type { Caller } from '../../caller.ts';
import { createJudge, type Judge, type JudgeInput } from '../../judge.ts';
import type { Rule } from '../../rule.ts';
import type { OauthOptions, ServerConfig } from '../../server-config.ts';

export const ruleOf = (rule: Partial<Rule> & { readonly id: string }): Rule => ({
  effect: 'allow',
  callers: {},
  tools: [],
  prompts: [],
  resources: [],
  ...rule,
});

export const callerOf = (caller: Partial<Caller>): Caller => ({
  consumerId: `id-of-${caller.consumer ?? 'nobody'}`,
  tags: [],
  groups: [],
  scopes: [],
  ...caller,
});

/** Nobody that Kong knows. */
export const anonymous: Caller = { tags: [], groups: [], scopes: [] };

export const oauthOptions: OauthOptions = {
  resource: 'https://gw.example.com/mcp/orders',
  authorizationServers: ['https://login.example.com'],
  issuers: ['https://login.example.com'],
  audiences: ['https://gw.example.com/mcp/orders'],
  scopes: ['orders.read'],
  toolScopes: new Map([['create_invoice', ['invoices.write', 'orders.read']]]),
};

export const configOf = (config: Partial<ServerConfig>): ServerConfig => ({
  server: { name: 'orders', kind: 'mcp' },
  rules: [],
  limits: { maxBodyBytes: 4_194_304, maxDepth: 64 },
  mcp: { toolNames: 'strict', unknownMethods: 'deny', getStreams: 'allow', taskLists: 'deny' },
  rest: { operations: [] },
  hosts: [],
  origins: [],
  callers: { tenantTagPrefix: 'tenant:', applicationTagPrefix: 'application:' },
  replies: { deniedTool: 'unknown_tool' },
  records: { arguments: 'redacted', redactKeys: [], redactPaths: [] },
  forwarding: { credentialHeaders: [], credentialQuery: [], identityHeaders: [] },
  ...config,
});

export const judgeOf = (rules: readonly Rule[], config: Partial<ServerConfig> = {}): Judge =>
  createJudge(configOf({ ...config, rules }));

export const messageOf = (call: Call, message: Partial<Message> = {}): Message => ({
  call,
  era: 'legacy',
  id: 1,
  isResumed: false,
  headersToStrip: [],
  ...message,
});

/** A Tuesday, 12:00 in Rome. */
export const noon = Date.parse('2026-11-24T11:00:00Z');

export const inputOf = (
  call: Call,
  caller: Caller,
  more: Partial<Omit<JudgeInput, 'message' | 'caller'>> & { readonly message?: Partial<Message> } = {},
): JudgeInput => {
  const { message, ...rest } = more;
  return { session: 'none', now: noon, ...rest, caller, message: messageOf(call, message) };
};

export const toolCall = (name: string): Call => ({
  kind: 'tool',
  method: 'tools/call',
  name,
  arguments: {},
  isRetry: false,
});

export const promptCall = (name: string): Call => ({ kind: 'prompt', method: 'prompts/get', name, arguments: {} });

export const resourceCall = (uri: string): Call => ({ kind: 'resource', method: 'resources/read', uri });

export const operationCall = (name: string): Call => ({
  kind: 'operation',
  method: 'GET',
  name,
  template: '/payments/{id}',
  arguments: {},
});
