import { compileForwarding } from '../../kong-plugin/src/domain/identity/forwarding.ts';
import { Buffer } from 'node:buffer';
import { readConfig } from '../../kong-plugin/src/config/read-config.ts';
import type { PluginConfig } from '../../kong-plugin/src/config/plugin-config.ts';
import type { ItemKind } from '../../kong-plugin/src/domain/call.ts';
import { definedFields } from '../../kong-plugin/src/domain/defined-fields.ts';
import { headerValue } from '../../kong-plugin/src/domain/http-request.ts';
import { parseSnapshot } from '../../kong-plugin/src/config/parse-snapshot.ts';
import { createInlinePolicySource } from '../../kong-plugin/src/stores/policy-source-inline.ts';
import { LivePolicy } from '../../kong-plugin/src/host/live-policy.ts';
import type { PolicyInForce } from '../../kong-plugin/src/pipeline/policy-in-force.ts';
import { createMemoryCounterStore } from '../../kong-plugin/src/stores/memory-counter-store.ts';
import { MemoryPinStore } from '../../kong-plugin/src/stores/memory-pin-store.ts';
import { sessionKey, signSession } from '../../kong-plugin/src/domain/mcp/session-binding.ts';
import { readCaller } from '../../kong-plugin/src/domain/identity/read-caller.ts';
import { buildAdmission } from '../../kong-plugin/src/domain/records/build-admission.ts';
import { buildRecord } from '../../kong-plugin/src/domain/records/build-record.ts';
import type { InvocationRecord } from '../../kong-plugin/src/domain/records/invocation-record.ts';
import { createRedactor } from '../../kong-plugin/src/domain/records/redact.ts';
import { renderRefusal, type Reply } from '../../kong-plugin/src/domain/replies/render-refusal.ts';
import { compileOperations } from '../../kong-plugin/src/domain/rest/match-operation.ts';
import { toVerdict } from '../../kong-plugin/src/host/verdict.ts';
import { govern, type Governance, type Governed } from '../../kong-plugin/src/pipeline/govern.ts';
import type { KongConsumer, RequestFacts } from '../../kong-plugin/src/pipeline/request-facts.ts';
import { createMemoryTaskOwners } from '../../kong-plugin/src/stores/memory-task-owners.ts';
import type { Consumer, CorpusCase, CorpusRequest, Sender } from './case.ts';
import { consumerNamed, keyOf, pluginConfig, serviceOf } from './kong-yml.ts';

const NOW = Date.UTC(2026, 9, 1, 12);
const SESSION_SECRET = 'the corpus signs its sessions with this';
/** As `facts.lua` counts. */
const MAX_HEADERS = 1000;

export interface DomainResult {
  readonly governed: Governed;
  readonly record: InvocationRecord;
  /** What the caller is told; undefined when the request is forwarded. */
  readonly reply?: Reply;
  /** What the server would get. */
  readonly forwarded?: { readonly headers: ReadonlyMap<string, string>; readonly query: string };
  /** Does a list show the item to this caller? */
  readonly mayUse: (kind: ItemKind, name: string) => boolean;
}

/** Runs one case through everything that decides, without Kong: facts in, decision, reply and record out. */
export const runInDomain = async (test: CorpusCase): Promise<DomainResult> => {
  const config = readPluginConfig(serviceOf[test.to]);
  const governance = toGovernance(config);
  for (const step of test.after ?? []) {
    const first = await govern(toFacts(step.request, { as: step.as, config }), governance, NOW);
    if (first.effect === 'refuse') throw new Error(`a request before "${test.name}" is refused`);
  }
  const facts = toFacts(test.request, { as: test.as, config });
  const governed = await govern(facts, governance, NOW);
  const { judge } = inForce(governance);
  const mayUse: DomainResult['mayUse'] = (kind, name) =>
    governed.effect === 'forward' && judge.mayUse(governed.caller, kind, name, NOW);
  const outcome = { config, facts, governed };
  return definedFields({
    governed,
    mayUse,
    record: toRecord(outcome),
    reply: toReply(outcome),
    forwarded: toForwarded(outcome),
  });
};

interface Outcome {
  readonly config: PluginConfig;
  readonly facts: RequestFacts;
  readonly governed: Governed;
}

const readPluginConfig = (service: string): PluginConfig => {
  const config = readConfig(pluginConfig(service));
  if (!config.ok) throw new Error(config.error.join('; '));
  return config.value;
};

const inForce = (governance: Governance): PolicyInForce => {
  const policy = governance.policy();
  if (!policy.ok) throw new Error(policy.error);
  return policy.value;
};

const policySource = (settings: PluginConfig['policy']) => {
  if (settings?.source.kind !== 'inline') return {};
  const snapshot = parseSnapshot(settings.source.text);
  if (!snapshot.ok) throw new Error(JSON.stringify(snapshot.error));
  return { settings, source: createInlinePolicySource({ snapshot: snapshot.value, now: () => NOW }) };
};

const toGovernance = (config: PluginConfig): Governance => ({
  config: config.server,
  policy: () =>
    new LivePolicy({ server: config.server, warn: () => undefined, ...policySource(config.policy) }).inForce(NOW),
  counters: createMemoryCounterStore(),
  pins: new MemoryPinStore(),
  time: (_, run) => run(),
  operations: compileOperations(config.server.rest.operations),
  sessionKeyOf: (caller) => sessionKey(SESSION_SECRET, caller),
  taskOwners: createMemoryTaskOwners({ now: () => NOW }),
  bindsSessions: true,
  ...definedFields({ pathPrefix: config.pathPrefix }),
});

const toFacts = (
  request: CorpusRequest,
  { as, config }: { readonly as: Sender; readonly config: PluginConfig },
): RequestFacts => {
  const [path = '/', query = ''] = request.target.split('?', 2);
  const consumer = as === 'nobody' ? undefined : kongConsumer(as);
  const headers = headersAfterKeyAuth(request, { consumer, config });
  const body = typeof request.body === 'string' ? Buffer.from(request.body) : (request.body ?? new Uint8Array());
  const isTooLarge = body.length > config.server.limits.maxBodyBytes;
  const count = [...headers.values()].reduce((sum, values) => sum + values.length, 0);
  const key = as !== 'nobody' && request.keyIn === 'query' ? `apikey=${keyOf(as)}` : '';
  return {
    request: {
      method: request.method,
      path,
      query: [key, query].filter((part) => part !== '').join('&'),
      headers,
      body: isTooLarge ? new Uint8Array() : body,
    },
    requestId: 'corpus',
    startedAt: NOW,
    isAnonymous: consumer === undefined,
    groups: [],
    ...(consumer === undefined ? {} : { consumer, credentialId: `credential-of-${as}` }),
    ...(isTooLarge ? { unreadable: 'too_large' as const } : {}),
    ...(count >= MAX_HEADERS ? { unreadable: 'too_many_headers' as const } : {}),
  };
};

const kongConsumer = (username: Consumer): KongConsumer => {
  const { custom_id, tags } = consumerNamed(username);
  return { id: `id-of-${username}`, username, customId: custom_id, tags };
};

/** The request's headers as Kong has them after key-auth (kong/plugins/key-auth/handler.lua, `set_consumer`). */
const headersAfterKeyAuth = (
  request: CorpusRequest,
  { consumer, config }: { readonly consumer: KongConsumer | undefined; readonly config: PluginConfig },
): ReadonlyMap<string, readonly string[]> => {
  const headers = new Map<string, readonly string[]>([['host', ['gateway.example:8000']]]);
  for (const [name, value] of Object.entries(request.headers))
    headers.set(name.toLowerCase(), typeof value === 'string' ? [value] : value);
  if (request.isChunked === true) headers.set('transfer-encoding', ['chunked']);
  else if (request.body !== undefined) headers.set('content-length', [String(Buffer.byteLength(request.body))]);
  if (request.session !== undefined) headers.set('mcp-session-id', [sessionId(request.session, config)]);
  if (consumer === undefined) return headers;
  headers.set('x-consumer-id', [consumer.id]);
  headers.set('x-consumer-username', [consumer.username ?? '']);
  headers.set('x-consumer-custom-id', [consumer.customId ?? '']);
  headers.set('x-credential-identifier', [`credential-of-${consumer.username ?? ''}`]);
  headers.delete('x-anonymous-consumer');
  headers.delete('apikey');
  return headers;
};

const sessionId = ({ of, change }: NonNullable<CorpusRequest['session']>, config: PluginConfig): string => {
  const caller = readCaller({ consumer: kongConsumer(of) }, config.server.callers);
  if (!caller.ok) throw new Error(`the tags of ${of} are ambiguous`);
  const id = signSession(`session-of-${of}`, sessionKey(SESSION_SECRET, caller.value));
  return change === undefined ? id : change(id);
};

const toReply = ({ config, governed }: Outcome): Reply | undefined =>
  governed.effect === 'forward'
    ? undefined
    : renderRefusal(governed.refusal, {
        kind: config.server.server.kind,
        options: config.server.replies,
        ...definedFields({ call: governed.message?.call, challenge: governed.challenge }),
      });

const toRecord = ({ config, facts, governed }: Outcome): InvocationRecord => {
  const { server } = config;
  const { request } = facts;
  const admission = buildAdmission(
    definedFields({
      server: server.server.name,
      httpMethod: request.method,
      message: governed.message,
      decision: governed.decision,
      caller: governed.caller,
      refusal: governed.effect === 'refuse' ? governed.refusal : undefined,
      credentialId: facts.credentialId,
      userAgent: headerValue(request, 'user-agent'),
    }),
    { arguments: server.records.arguments, redact: createRedactor(server.records) },
  );
  return buildRecord(
    {
      outcome: governed.effect === 'forward' ? 'ok' : 'refused',
      request_id: facts.requestId,
      started_at: facts.startedAt,
      client_ip: '127.0.0.1',
      method: request.method,
      path: request.path,
      status: 200,
      request_bytes: request.body.length,
      response_bytes: 0,
      latency: { total: 1 },
    },
    admission,
  );
};

const toForwarded = ({ config, facts, governed }: Outcome): DomainResult['forwarded'] => {
  if (governed.effect === 'refuse') return undefined;
  const verdict = toVerdict({
    facts,
    governed,
    config,
    forwardingOf: compileForwarding(config.server.forwarding),
    now: NOW,
  });
  const cleared = new Set(verdict.clear_headers);
  const kept = [...facts.request.headers].flatMap(([name, values]) =>
    cleared.has(name) ? [] : [[name, values.join(', ')] as const],
  );
  return {
    headers: new Map([...kept, ...Object.entries(verdict.set_headers ?? {})]),
    query: verdict.query ?? facts.request.query,
  };
};
