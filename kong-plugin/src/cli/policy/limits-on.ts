import { definedFields } from '../../domain/defined-fields.ts';
import type { JsonObject } from '../../domain/json/json-value.ts';
import { createJudge } from '../../domain/judge.ts';
import { compileLimits } from '../../domain/limits/compile-limits.ts';
import { demandsOf, type LimitDemand } from '../../domain/limits/demands-of.ts';
import type { LimitRule } from '../../domain/limits/limit-rule.ts';
import { toCall, toMessage } from '../../domain/item-call.ts';
import type { Question } from './oracle.ts';

/** A limit that counts a call; its counter is not asked. */
export interface LimitView {
  readonly rule: string;
  readonly limit: number;
  readonly cost: number;
  readonly shadow: boolean;
  /** `60 units a minute per application and tool` */
  readonly describes: string;
}

/** The limits of the policy document that would count the call. Only tools and operations are counted. */
export const limitsOn = ({ place, caller, item }: Question): readonly LimitView[] => {
  const snapshot = place.policy?.snapshot;
  if (snapshot === undefined || item.kind !== 'tool') return [];
  const judge = createJudge(place.config.server, snapshot);
  const plan = judge.planOf(caller)?.id;
  const found = compileLimits(snapshot).find({
    caller: judge.resolve(caller),
    server: place.server,
    tool: item.name,
    ...(plan === undefined ? {} : { plan }),
  });
  const weight = weightOf(snapshot.servers.find(({ id }) => id === place.server)?.tools ?? [], item.name);
  return found.map(({ rule, scope }) => ({
    rule: rule.id,
    limit: rule.limit,
    cost: rule.kind === 'rate' ? weight : 1,
    shadow: rule.shadow,
    describes: `${describeLimit(rule, scope)}${rule.kind === 'rate' && weight !== 1 ? `; this call takes ${weight}` : ''}`,
  }));
};

/** What the call would need of every counter, as the gateway works it out. */
export const demandsOn = ({ place, caller, item, at }: Question, sent: JsonObject): readonly LimitDemand[] => {
  const snapshot = place.policy?.snapshot;
  const call = toCall(item, place.config.server, sent);
  if (snapshot === undefined || call === undefined) return [];
  const judge = createJudge(place.config.server, snapshot);
  const resolved = judge.resolve(caller);
  const tools = snapshot.servers.find(({ id }) => id === place.server)?.tools ?? [];
  return demandsOf(
    {
      message: toMessage(call),
      caller: resolved,
      server: place.server,
      weightOf: (_, tool) => weightOf(tools, tool),
      now: at,
      ...definedFields({
        application: judge.applicationOf(resolved),
        plan: judge.planOf(resolved)?.id,
        tenantTimeZone: snapshot.tenants.find(({ id }) => id === resolved.tenant)?.timeZone,
      }),
    },
    compileLimits(snapshot),
  );
};

const weightOf = (tools: readonly { readonly name: string; readonly weight: number }[], name: string): number =>
  tools.find((tool) => tool.name === name)?.weight ?? 1;

export const describeLimit = (rule: LimitRule, scope: readonly string[] = rule.per): string => {
  const per = scope.length === 0 ? 'for all together' : `per ${scope.join(', ')}`;
  const shadow = rule.shadow ? ' (shadow: not enforced)' : '';
  switch (rule.kind) {
    case 'rate':
      return `${rule.limit} units a ${rule.window} ${per}${shadow}`;
    case 'concurrent':
      return `${rule.limit} calls at a time ${per}${shadow}`;
    case 'repeat':
      return `${rule.limit} calls with the same arguments a ${rule.window} ${per}${shadow}`;
  }
};
