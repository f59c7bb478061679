import type { RootConfigService } from '@backstage/backend-plugin-api';
import type { Config } from '@backstage/config';
import type { Plan, PlanLimit } from '@mcp-governance/backstage-plugin-tool-catalog-common';
import type { Roles } from './permissions/Access';

export interface ToolCatalogConfig {
  readonly encryptionKeys: readonly string[];
  readonly kong: {
    readonly adminUrls: readonly string[];
    readonly adminToken?: string;
    readonly declarativeFile?: string;
  };
  readonly gateway: { readonly managementUrls: readonly string[]; readonly managementToken: string };
  readonly billing: { readonly url?: string; readonly token?: string };
  readonly policy: { readonly hmacSecret: string; readonly token: string; readonly baseFile?: string };
  readonly roles: Roles;
  readonly plans: readonly Plan[];
}

/** Reads `toolCatalog` (config.d.ts). Throws with the name of the field that is missing or wrong. */
export const readConfig = (root: RootConfigService): ToolCatalogConfig => {
  const config = root.getConfig('toolCatalog');
  const hmacSecret = config.getString('policy.hmacSecret');
  if (hmacSecret.length < 32)
    throw new Error('toolCatalog.policy.hmacSecret: use 32 characters or more, the same as at the gateways.');
  const token = config.getString('policy.token');
  if (token.length < 32)
    throw new Error('toolCatalog.policy.token: use 32 characters or more, the same as at the gateways.');
  const adminUrls = config.getStringArray('kong.adminUrls');
  if (adminUrls.length === 0) throw new Error('toolCatalog.kong.adminUrls: give the address of Kong’s Admin API.');
  return {
    encryptionKeys: config.getStringArray('encryptionKeys'),
    kong: {
      adminUrls,
      ...optional('adminToken', config.getOptionalString('kong.adminToken')),
      ...optional('declarativeFile', config.getOptionalString('kong.declarativeFile')),
    },
    gateway: {
      managementUrls: config.getOptionalStringArray('gateway.managementUrls') ?? [],
      managementToken: config.getOptionalString('gateway.managementToken') ?? '',
    },
    billing: {
      ...optional('url', config.getOptionalString('billing.url')),
      ...optional('token', config.getOptionalString('billing.token')),
    },
    policy: { hmacSecret, token, ...optional('baseFile', config.getOptionalString('policy.baseFile')) },
    roles: {
      finance: config.getOptionalStringArray('roles.finance') ?? [],
      auditors: config.getOptionalStringArray('roles.auditors') ?? [],
      administrators: config.getOptionalStringArray('roles.administrators') ?? [],
    },
    plans: (config.getOptionalConfigArray('plans') ?? []).map(readPlan),
  };
};

const optional = <Key extends string>(key: Key, value: string | undefined): { readonly [_ in Key]?: string } =>
  (value === undefined || value === '' ? {} : { [key]: value }) as { readonly [_ in Key]?: string };

const readPlan = (config: Config): Plan => ({
  id: config.getString('id'),
  server: config.getString('server'),
  name: config.getString('name'),
  description: config.getOptionalString('description') ?? '',
  tools: config.getStringArray('tools'),
  limits: (config.getOptionalConfigArray('limits') ?? []).map(readLimit),
  requiresApproval: config.getOptionalBoolean('requiresApproval') ?? true,
  autoApprovedTeams: config.getOptionalStringArray('autoApprovedTeams') ?? [],
  status: 'active',
});

const windows: readonly PlanLimit['window'][] = ['second', 'minute', 'hour', 'day', 'month'];

const readLimit = (config: Config): PlanLimit => {
  const wanted = config.getString('window');
  const window = windows.find((each) => each === wanted);
  if (window === undefined)
    throw new Error(`toolCatalog.plans: window is one of ${windows.join(', ')}, and is ${wanted}.`);
  return { id: config.getString('id'), window, limit: config.getNumber('limit') };
};
