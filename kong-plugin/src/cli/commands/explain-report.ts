import type { Caller } from '../../domain/caller.ts';
import type { JsonObject } from '../../domain/json/json-value.ts';
import type { ExplainedOpinion } from '../../domain/judge.ts';
import type { LimitDemand } from '../../domain/limits/demands-of.ts';
import { limitRefusal } from '../../domain/limits/limit-refusal.ts';
import type { Grant } from '../../domain/limits/limit-rule.ts';
import type { Report } from '../command.ts';
import { toCall, toMessage } from '../../domain/item-call.ts';
import { limitsOn, type LimitView } from '../policy/limits-on.ts';
import type { Oracle, Question } from '../policy/oracle.ts';
import { placeLabel } from '../policy/questions.ts';
import { refusalReply } from '../policy/refusal-reply.ts';
import type { Setup } from '../policy/setup.ts';
import { formatTable, printable } from '../table.ts';

export interface Explained {
  readonly setup: Setup;
  readonly question: Question;
  /** Undefined: not given. */
  readonly sent?: JsonObject;
  readonly opinions: readonly ExplainedOpinion[];
  readonly subject: string;
  /** How the counters of a running gateway stand; absent when none was asked. */
  readonly counted?: Counted;
}

export interface Counted {
  readonly demands: readonly LimitDemand[];
  /** In the order of the demands. */
  readonly grant: Grant;
}

export const explainReport = (oracle: Oracle, asked: Explained): Report => {
  const explained = { ...asked, opinions: withCounters(asked) };
  const { question, sent, opinions, counted } = explained;
  const winner = opinions.find(({ decides }) => decides);
  const isAllowed = winner?.effect === 'allow';
  const reply = isAllowed || winner === undefined ? undefined : refusalReply(question, winner, sent ?? {});
  const dependsOn = sent === undefined ? oracle.access(question).dependsOn : [];
  const limits = isAllowed || counted !== undefined ? standing(limitsOn(question), counted) : [];
  const json = {
    allowed: isAllowed,
    ...(winner === undefined || isAllowed ? {} : { reason: winner.reason }),
    policy: winner?.policy,
    rule: winner?.rule,
    caller: oracle.resolve(question),
    server: question.place.server,
    [question.item.kind]: question.item.name,
    at: new Date(question.at).toISOString(),
    opinions,
    limits,
    dependsOn,
    ...(reply === undefined ? {} : { reply }),
  };
  const text = [
    headline(explained, isAllowed),
    describeCaller(oracle.resolve(question)),
    '',
    opinionTable(opinions),
    ...(limits.length === 0 ? [] : ['', countedBy(counted), limitTable(limits)]),
    ...(dependsOn.length === 0
      ? []
      : ['', `Judged with no arguments; rules look at them: ${dependsOn.join(', ')}. Give --args.`]),
    ...(reply === undefined ? [] : ['', `The caller reads (HTTP ${reply.status}):`, `  ${printable(reply.body)}`]),
  ].join('\n');
  return { hasFindings: !isAllowed, text, json };
};

const headline = ({ question, setup, subject, opinions }: Explained, isAllowed: boolean): string => {
  const winner = opinions.find(({ decides }) => decides);
  const label = placeLabel(question.place, setup);
  const reason = isAllowed ? '' : ` (${winner?.reason ?? 'method_denied'})`;
  const what = `${question.item.kind} ${printable(question.item.name)}`;
  return `${isAllowed ? 'ALLOWED' : 'REFUSED'}${reason}: ${what} on ${printable(label)} for ${printable(subject)}, by rule ${printable(winner?.rule ?? '')}`;
};

const describeCaller = ({ consumer, consumerId, tenant, application, user, groups, tags, scopes }: Caller): string => {
  const facts: readonly (readonly [string, string | undefined])[] = [
    ['consumer', consumerId === undefined ? 'none' : consumer],
    ['tenant', tenant],
    ['application', application],
    ['user', user],
    ['groups', groups.join(' ')],
    ['tags', tags.join(' ')],
    ['scopes', scopes.join(' ')],
  ];
  return `  ${facts
    .flatMap(([name, value]) => (value === undefined || value === '' ? [] : [`${name} ${printable(value)}`]))
    .join(', ')}`;
};

const opinionTable = (opinions: readonly ExplainedOpinion[]): string =>
  formatTable(
    [
      ['', 'policy', 'says', 'rule', ''],
      ...opinions.map(({ decides, policy, effect, rule, detail }) => [
        decides ? '>' : '',
        policy,
        effect === 'none' ? '-' : effect,
        printable(rule),
        printable(detail ?? ''),
      ]),
    ],
    '',
  );

const countedBy = (counted: Counted | undefined): string =>
  counted === undefined
    ? 'Counted by (units left are not known from files: give --counters or --node)'
    : 'Counted by (as the counters stand; nothing was counted for this question)';

const limitTable = (limits: readonly StandingLimit[]): string =>
  formatTable(limits.map((limit) => [printable(limit.rule), printable(limit.describes), leftOf(limit)]));

const leftOf = ({ left, limit, resetsAt }: StandingLimit): string =>
  left === undefined || resetsAt === undefined ? '' : `${left} of ${limit} left until ${resetsAt}`;

/** A limit, and with counters how it stands. */
interface StandingLimit extends LimitView {
  readonly used?: number;
  readonly left?: number;
  /** RFC 3339. */
  readonly resetsAt?: string;
}

const standing = (limits: readonly LimitView[], counted: Counted | undefined): readonly StandingLimit[] =>
  limits.map((limit) => {
    const state = counted?.grant.states.find(({ rule }) => rule === limit.rule);
    if (state === undefined) return limit;
    const { used, remaining, resetsAt } = state;
    return { ...limit, used, left: remaining, resetsAt: new Date(resetsAt).toISOString() };
  });

/** A limit that is used up decides after all policies have allowed, as in the gateway. */
const withCounters = ({ opinions, counted, question, sent = {} }: Explained): readonly ExplainedOpinion[] => {
  if (counted === undefined || counted.grant.granted) return opinions;
  const call = toCall(question.item, question.place.config.server, sent);
  if (call === undefined) return opinions;
  const { grant, demands } = counted;
  const { reason, detail } = limitRefusal({ grant, demands, message: toMessage(call), now: question.at });
  return [
    ...opinions.map((opinion) => ({ ...opinion, decides: false })),
    { policy: 'limits', effect: 'deny', rule: grant.exceeded.rule, reason, detail, decides: true },
  ];
};
