import { definedFields } from '../defined-fields.ts';
import type { JsonObject, JsonValue } from '../json/json-value.ts';
import type { LimitRule } from '../limits/limit-rule.ts';
import type { CallerMatch } from '../rule.ts';
import { weekdays } from './condition-document.ts';
import type { Condition, Snapshot, SnapshotRule } from './snapshot.ts';

/** The document that `readSnapshot` reads back as the same snapshot: for the portal, for copies and for comparisons. */
export const writeSnapshot = (snapshot: Snapshot): JsonObject =>
  ({
    version: snapshot.version,
    revision: snapshot.revision,
    tenants: snapshot.tenants.map(({ id, timeZone }) => ({ id, time_zone: timeZone })),
    applications: snapshot.applications.map(({ id, tenant, match }) =>
      definedFields({ id, tenant, match: writeMatch(match) }),
    ),
    servers: snapshot.servers.map(({ id, tools, pins }) => ({
      id,
      tools: tools.map(({ name, weight, inputSchema, pin }) =>
        definedFields({ name, weight, input_schema: inputSchema, pin }),
      ),
      pins,
    })),
    plans: snapshot.plans.map(({ id, tools, limits }) => ({ id, tools, limits: limits.map(writeLimit) })),
    subscriptions: snapshot.subscriptions.map((subscription) => ({ ...subscription })),
    rules: snapshot.rules.map(writeRule),
    limits: snapshot.limits.map(writeLimit),
    redaction: { keys: snapshot.redaction.keys, paths: snapshot.redaction.paths },
  }) satisfies JsonValue;

const writeMatch = ({ customIds, ...match }: CallerMatch): JsonObject => ({
  ...match,
  ...(customIds === undefined ? {} : { custom_ids: customIds }),
});

const writeLimit = ({ callers, giveBack, whenStoreDown, ...limit }: LimitRule): JsonObject => ({
  ...limit,
  callers: writeMatch(callers),
  give_back: giveBack,
  when_store_down: whenStoreDown,
});

const writeRule = ({ callers, when, ...rule }: SnapshotRule): JsonObject => ({
  ...rule,
  callers: writeMatch(callers),
  when: when.map(writeCondition),
});

export const writeCondition = (condition: Condition): JsonObject => {
  if ('methods' in condition) return { methods: condition.methods };
  if ('pointer' in condition) return { argument: condition.pointer, [condition.test.operator]: condition.test.value };
  const { days, ...time } = condition.time;
  return { time: { ...time, days: days.flatMap((day) => weekdays[day - 1] ?? []) } };
};
