import type { Plan } from '@mcp-governance/backstage-plugin-tool-catalog-common';
import { matchesAny } from './toolPatterns';

/** A rule of the plugin's configuration in Kong, or of the policy document. */
export interface AccessRule {
  readonly id: string;
  readonly effect?: 'allow' | 'deny';
  readonly servers?: readonly string[];
  readonly callers?: Readonly<Record<string, readonly string[] | boolean | undefined>>;
  readonly tools?: readonly string[];
  readonly when?: readonly unknown[];
  readonly phases?: readonly string[];
  readonly shadow?: boolean;
  readonly message?: string;
}

/** Who may call a tool, one sentence per rule that concerns it: refusals first, since they beat everything else. */
export const accessInWords = (
  { server, tool }: { readonly server: string; readonly tool: string },
  { rules, plans }: { readonly rules: readonly AccessRule[]; readonly plans: readonly Plan[] },
): readonly string[] => {
  const concerning = rules.filter((rule) => concerns(rule, server, tool));
  const denials = concerning.filter((rule) => rule.effect === 'deny').map((rule) => sentence('Refused', rule));
  const allowances = concerning.filter((rule) => rule.effect !== 'deny').map((rule) => sentence('Allowed', rule));
  const subscribed = plans
    .filter((plan) => plan.server === server && plan.status !== 'archived' && matchesAny(plan.tools, tool))
    .map((plan) => `Allowed with an active subscription to the plan "${plan.name}".`);
  const all = [...denials, ...subscribed, ...allowances];
  return all.length === 0 ? ['Nobody may call it yet: no plan includes it and no rule allows it.'] : all;
};

const concerns = (
  { servers = ['*'], tools = [], shadow = false, phases = ['call'] }: AccessRule,
  server: string,
  tool: string,
): boolean => !shadow && phases.includes('call') && matchesAny(servers, server) && matchesAny(tools, tool);

const sentence = (verb: string, rule: AccessRule): string => {
  const condition = (rule.when ?? []).length === 0 ? '' : ', under conditions';
  const message = rule.message === undefined ? '' : ` ${rule.message}`;
  return `${verb} for ${callersInWords(rule.callers ?? {})}${condition} (rule ${rule.id}).${message}`;
};

const nouns: Readonly<Record<string, string>> = {
  consumers: 'the consumers',
  custom_ids: 'the consumers with the custom id',
  tags: 'consumers tagged',
  groups: 'the groups',
  tenants: 'the tenants',
  applications: 'the applications',
};

const callersInWords = (callers: NonNullable<AccessRule['callers']>): string => {
  const parts = Object.entries(nouns).flatMap(([field, noun]) => {
    const names = callers[field];
    return Array.isArray(names) && names.length > 0 ? [`${noun} ${names.join(', ')}`] : [];
  });
  return parts.length === 0 ? 'everybody' : parts.join(' and ');
};
