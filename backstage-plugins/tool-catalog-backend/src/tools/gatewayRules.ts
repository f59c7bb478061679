import type { KongAdminClient } from '../kong/KongAdminClient';
import type { PolicyDocument } from '../policy/policyDocument';
import type { AccessRule } from './accessInWords';

interface GovernancePlugin {
  readonly config?: { readonly server?: { readonly name?: string }; readonly rules?: readonly AccessRule[] | null };
}

const FRESH_MS = 10_000;

/**
 * Rules that concern tools: of the plugin's configuration in Kong, each for its own server, and of the policy that operators
 * keep. Only for telling people; the gateway decides by its own copy.
 */
export const createGatewayRules = ({
  admin,
  base,
  now,
  onProblem,
}: {
  readonly admin: KongAdminClient;
  readonly base: () => Promise<PolicyDocument>;
  readonly now: () => number;
  readonly onProblem: (message: string) => void;
}): (() => Promise<readonly AccessRule[]>) => {
  let known: { readonly at: number; readonly rules: readonly AccessRule[] } | undefined;
  return async () => {
    if (known !== undefined && now() - known.at < FRESH_MS) return known.rules;
    const policy = ((await base()).rules ?? []) as readonly AccessRule[];
    const plugins = await admin
      .list<GovernancePlugin & { readonly name: string }>('/plugins')
      .catch((error: unknown) => {
        onProblem(`Rules of the gateway cannot be told: ${error instanceof Error ? error.message : String(error)}`);
        return [];
      });
    const configured = plugins
      .filter(({ name }) => name === 'mcp-governance')
      .flatMap(({ config }) =>
        (config?.rules ?? []).map((rule) => withoutNulls({ ...rule, servers: [config?.server?.name ?? ''] })),
      );
    known = { at: now(), rules: [...policy, ...configured] };
    return known.rules;
  };
};

/** Kong's Admin API shows fields that were left out as null. */
const withoutNulls = (rule: AccessRule): AccessRule =>
  Object.fromEntries(Object.entries(rule).filter(([, value]) => value !== null)) as unknown as AccessRule;
