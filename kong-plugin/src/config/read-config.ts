import type { JsonValue } from '../domain/json/json-value.ts';
import { readOpenapiOperations } from '../domain/rest/read-openapi.ts';
import { failure, success, type Result } from '../domain/result.ts';
import type { CallerMatch, Rule } from '../domain/rule.ts';
import type { OauthOptions, OperationTemplate, ServerConfig } from '../domain/server-config.ts';
import { compilePaths, defaultRedactKeys } from '../domain/records/redact.ts';
import { configFields } from './fields.ts';
import { meteringIssues, toMeteringSettings, type CheckedMetering } from './metering-field.ts';
import { pinIssues, toPinRefresh, type CheckedPins } from './read-pin-settings.ts';
import type { ManagementSettings, PluginConfig, Scope } from './plugin-config.ts';
import {
  counterIssues,
  opaIssues,
  policyIssues,
  toCounterSettings,
  toOpaSettings,
  toPolicySettings,
  type CheckedCounters,
  type CheckedOpa,
  type CheckedPolicy,
} from './read-policy-settings.ts';
import { validateKongRecord } from './validate-kong-schema.ts';

/** The shape that `configFields` guarantee once `validateKongRecord` has accepted a configuration. */
interface CheckedConfig {
  readonly server: { readonly name: string; readonly kind: 'mcp' | 'rest' };
  readonly guard: PluginConfig['guard'];
  readonly rules: readonly CheckedRule[];
  readonly callers: { readonly tenant_tag_prefix: string; readonly application_tag_prefix: string };
  readonly limits: { readonly max_body_bytes: number; readonly max_depth: number };
  readonly mcp: {
    readonly tool_names: ServerConfig['mcp']['toolNames'];
    readonly unknown_methods: 'deny' | 'allow';
    readonly get_streams: 'deny' | 'allow';
    readonly task_lists: 'deny' | 'allow';
  };
  readonly rest: {
    readonly operations: readonly CheckedOperation[];
    readonly openapi?: string;
    readonly path_prefix?: string;
  };
  readonly hosts: readonly string[];
  readonly origins: readonly string[];
  readonly oauth?: CheckedOauth;
  readonly sessions: { readonly secret?: string };
  readonly replies: {
    readonly denied_tool: ServerConfig['replies']['deniedTool'];
    readonly limits_as: 'tool_error' | 'http429';
  };
  readonly policy?: CheckedPolicy;
  readonly counters: CheckedCounters;
  readonly opa?: CheckedOpa;
  readonly management?: ManagementSettings;
  readonly pins: CheckedPins;
  readonly metering?: CheckedMetering;
  readonly records: {
    readonly file: string;
    readonly arguments: 'redacted' | 'hash';
    readonly log: boolean;
    readonly redact_keys: readonly string[];
    readonly redact_paths: readonly string[];
  };
  readonly forwarding: {
    readonly credential_headers: readonly string[];
    readonly credential_query: readonly string[];
    readonly identity_headers: readonly string[];
  };
}

interface CheckedOperation {
  readonly name?: string;
  readonly method: string;
  readonly path: string;
}

interface CheckedRule {
  readonly id: string;
  readonly effect: 'allow' | 'deny';
  readonly callers: Omit<CallerMatch, 'customIds'> & { readonly custom_ids?: readonly string[] };
  readonly tools: readonly string[];
  readonly prompts: readonly string[];
  readonly resources: readonly string[];
}

interface CheckedOauth {
  readonly resource: string;
  readonly authorization_servers: readonly string[];
  readonly issuers: readonly string[];
  readonly audiences: readonly string[];
  readonly scopes: readonly string[];
  readonly tool_scopes: Readonly<Record<string, readonly string[]>>;
}

/** Reads the configuration that Kong hands to an instance. All issues are listed, each with its path; none is guessed away. */
export const readConfig = (raw: unknown): Result<PluginConfig, readonly string[]> => {
  const checked = validateKongRecord(configFields, raw, { path: '', allowKongOwnFields: true });
  if (!checked.ok) return checked;
  const config = checked.value as unknown as CheckedConfig;
  const operations = readOperations(config.rest);
  const issues = [
    ...(operations.ok ? [] : operations.error),
    ...pathIssues(config),
    ...oauthIssues(config.oauth),
    ...duplicateIds(config.rules),
    ...guardIssues(config),
    ...policyIssues(config.policy),
    ...counterIssues(config.counters),
    ...opaIssues(config.opa),
    ...meteringIssues(config.metering),
    ...pinIssues(config.pins, config.server.kind),
  ];
  if (issues.length > 0 || !operations.ok) return failure(issues);
  return success({
    ...readScope(raw as Readonly<Record<string, unknown>>),
    server: toServerConfig(config, operations.value),
    guard: config.guard,
    recordsFile: config.records.file,
    logsRecords: config.records.log,
    counters: toCounterSettings(config.counters),
    pinsFile: config.pins.file,
    ...toPinRefresh(config.pins),
    ...(config.policy === undefined ? {} : { policy: toPolicySettings(config.policy) }),
    ...(config.opa === undefined ? {} : { opa: toOpaSettings(config.opa) }),
    ...(config.management === undefined ? {} : { management: config.management }),
    ...(config.metering === undefined ? {} : { metering: toMeteringSettings(config.metering) }),
    ...(config.sessions.secret === undefined ? {} : { sessionSecret: config.sessions.secret }),
    ...(config.rest.path_prefix === undefined ? {} : { pathPrefix: config.rest.path_prefix }),
  });
};

const toServerConfig = (config: CheckedConfig, operations: readonly OperationTemplate[]): ServerConfig => ({
  server: config.server,
  rules: config.rules.map(toRule),
  limits: { maxBodyBytes: config.limits.max_body_bytes, maxDepth: config.limits.max_depth },
  mcp: {
    toolNames: config.mcp.tool_names,
    unknownMethods: config.mcp.unknown_methods,
    getStreams: config.mcp.get_streams,
    taskLists: config.mcp.task_lists,
  },
  rest: { operations },
  hosts: config.hosts,
  origins: config.origins,
  callers: {
    tenantTagPrefix: config.callers.tenant_tag_prefix,
    applicationTagPrefix: config.callers.application_tag_prefix,
  },
  ...(config.oauth === undefined ? {} : { oauth: toOauth(config.oauth) }),
  replies: { deniedTool: config.replies.denied_tool, limitsAs: config.replies.limits_as },
  records: {
    arguments: config.records.arguments,
    redactKeys: [...defaultRedactKeys, ...config.records.redact_keys],
    redactPaths: config.records.redact_paths,
  },
  forwarding: {
    credentialHeaders: config.forwarding.credential_headers,
    credentialQuery: config.forwarding.credential_query,
    identityHeaders: config.forwarding.identity_headers,
  },
});

const toRule = ({ callers: { custom_ids, ...callers }, ...rule }: CheckedRule): Rule => ({
  ...rule,
  callers: { ...callers, ...(custom_ids === undefined ? {} : { customIds: custom_ids }) },
});

const toOauth = (oauth: CheckedOauth): OauthOptions => ({
  resource: oauth.resource,
  authorizationServers: oauth.authorization_servers,
  issuers: oauth.issuers.length > 0 ? oauth.issuers : oauth.authorization_servers,
  audiences: oauth.audiences.length > 0 ? oauth.audiences : [oauth.resource],
  scopes: oauth.scopes,
  toolScopes: new Map(Object.entries(oauth.tool_scopes)),
});

const readOperations = (rest: CheckedConfig['rest']): Result<readonly OperationTemplate[], readonly string[]> => {
  const listed = rest.operations.map((operation) => ({
    name: operation.name ?? `${operation.method} ${operation.path}`,
    method: operation.method,
    template: operation.path,
  }));
  const badPaths = rest.operations.flatMap((operation, index) =>
    operation.path.startsWith('/')
      ? []
      : [`rest.operations[${index + 1}].path: must begin with / (got ${operation.path})`],
  );
  if (badPaths.length > 0) return failure(badPaths);
  if (rest.openapi === undefined) return success(listed);
  const document = parseJson(rest.openapi);
  if (document === undefined) return failure(['rest.openapi: is not JSON; paste the OpenAPI document as JSON text']);
  const described = readOpenapiOperations(document);
  return described.ok
    ? success([...listed, ...described.value])
    : failure(described.error.map((issue) => `rest.openapi: ${issue}`));
};

const parseJson = (text: string): JsonValue | undefined => {
  try {
    return JSON.parse(text) as JsonValue;
  } catch {
    return undefined;
  }
};

const pathIssues = (config: CheckedConfig): readonly string[] => {
  const compiled = compilePaths(config.records.redact_paths);
  return compiled.ok ? [] : compiled.error.map((issue) => `records.redact_paths: ${issue}`);
};

const oauthIssues = (oauth: CheckedOauth | undefined): readonly string[] => {
  if (oauth === undefined) return [];
  const bad = [oauth.resource, ...oauth.authorization_servers].filter((url) => !URL.canParse(url));
  const fragment = URL.canParse(oauth.resource) && new URL(oauth.resource).hash !== '';
  return [
    ...bad.map((url) => `oauth: ${url} is not an absolute URL, e.g. https://gw.example.com/mcp`),
    ...(fragment ? ['oauth.resource: must have no fragment (RFC 8707 section 2)'] : []),
  ];
};

/** Without mcp-guard nothing can tell the plugin these things, and it does not guess. */
const guardIssues = (config: CheckedConfig): readonly string[] => {
  if (config.guard === 'mcp-guard') return [];
  const groups = config.rules.filter((rule) => rule.callers.groups !== undefined);
  return [
    ...groups.map(
      (rule) => `rules: ${rule.id} names ACL groups, which only mcp-guard can read; use tags, or guard: mcp-guard`,
    ),
    ...(config.oauth === undefined
      ? []
      : ['oauth: needs guard: mcp-guard, which alone can tell which token Kong verified']),
  ];
};

const duplicateIds = (rules: readonly CheckedRule[]): readonly string[] => {
  const seen = new Set<string>();
  return rules.flatMap(({ id }) => {
    if (!seen.has(id)) return (seen.add(id), []);
    return [`rules: the id ${id} is used twice; records name the rule that decided, so ids must differ`];
  });
};

const readScope = (raw: Readonly<Record<string, unknown>>): Scope => {
  for (const scope of ['route', 'service', 'consumer'] as const) {
    const id = raw[`${scope}_id`];
    if (typeof id === 'string') return { scope, scopeId: id };
  }
  return { scope: 'global', scopeId: '' };
};
