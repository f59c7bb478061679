import type { JsonValue } from '../json/json-value.ts';
import type { LimitRule } from '../limits/limit-rule.ts';
import type { CallerMatch } from '../rule.ts';
import type {
  CheckedApplication,
  CheckedCondition,
  CheckedDocument,
  CheckedLimit,
  CheckedMatch,
  CheckedRule,
  CheckedTool,
} from './checked-document.ts';
import { operatorFields, weekdays } from './condition-document.ts';
import type { Application, ArgumentTest, Condition, Snapshot, SnapshotRule, SnapshotTool } from './snapshot.ts';

export const toSnapshot = (document: CheckedDocument, revision: string): Snapshot => ({
  version: 1,
  revision,
  tenants: document.tenants.map(({ id, time_zone }) => ({ id, timeZone: time_zone })),
  applications: document.applications.map(toApplication),
  servers: document.servers.map((server) => ({ ...server, tools: server.tools.map(toTool) })),
  plans: document.plans.map((plan) => ({ ...plan, limits: plan.limits.map(toLimit) })),
  subscriptions: document.subscriptions,
  rules: document.rules.map(toRule),
  limits: document.limits.map(toLimit),
  redaction: document.redaction,
});

const toApplication = ({ id, tenant, match }: CheckedApplication): Application => ({
  id,
  ...(tenant === undefined ? {} : { tenant }),
  match: match === undefined ? { applications: [id] } : toCallerMatch(match),
});

const toCallerMatch = ({ custom_ids, ...match }: CheckedMatch): CallerMatch => ({
  ...match,
  ...(custom_ids === undefined ? {} : { customIds: custom_ids }),
});

const toTool = ({ input_schema, ...tool }: CheckedTool): SnapshotTool => ({
  ...tool,
  ...(input_schema === undefined ? {} : { inputSchema: input_schema }),
});

const toLimit = ({ callers, give_back, when_store_down, window, ...limit }: CheckedLimit): LimitRule => ({
  ...limit,
  window: window ?? 'minute',
  callers: toCallerMatch(callers),
  giveBack: give_back,
  whenStoreDown: when_store_down,
});

const toRule = ({ callers, when, phases, ...rule }: CheckedRule): SnapshotRule => ({
  ...rule,
  callers: toCallerMatch(callers),
  when: when.flatMap(toConditions),
  phases: [...new Set(phases)],
});

const operators = Object.keys(operatorFields);

/** One entry may compare one argument several times; each comparison is a condition. */
const toConditions = (condition: CheckedCondition): readonly Condition[] => {
  const { argument, time, methods } = condition;
  if (time !== undefined) {
    const { zone, days, from, to } = time;
    return [{ time: { zone, days: [...new Set(days)].map((day) => weekdays.indexOf(day) + 1), from, to } }];
  }
  if (methods !== undefined) return [{ methods }];
  return operators.flatMap((operator) =>
    Object.hasOwn(condition, operator)
      ? [{ pointer: argument ?? '', test: toTest(operator, condition[operator] as JsonValue) }]
      : [],
  );
};

/** The shape of each operator's value was checked by the field of the same name. */
const toTest = (operator: string, value: JsonValue): ArgumentTest => ({ operator, value }) as ArgumentTest;
