import type { JsonValue } from '../json/json-value.ts';
import type { LimitRule } from '../limits/limit-rule.ts';
import type { CallerMatch } from '../rule.ts';
import type { weekdays } from './condition-document.ts';
import type { PinMode, SnapshotRule, Subscription } from './snapshot.ts';

/** The shape that `policyDocument` guarantees once `readShape` has found no issue. */
export interface CheckedDocument {
  readonly version: 1;
  readonly revision?: string;
  readonly tenants: readonly { readonly id: string; readonly time_zone: string }[];
  readonly applications: readonly CheckedApplication[];
  readonly servers: readonly CheckedServer[];
  readonly plans: readonly CheckedPlan[];
  readonly subscriptions: readonly Subscription[];
  readonly rules: readonly CheckedRule[];
  readonly limits: readonly CheckedLimit[];
  readonly redaction: { readonly keys: readonly string[]; readonly paths: readonly string[] };
}

export type CheckedMatch = Omit<CallerMatch, 'customIds'> & { readonly custom_ids?: readonly string[] };

export interface CheckedApplication {
  readonly id: string;
  readonly tenant?: string;
  readonly match?: CheckedMatch;
}

export interface CheckedServer {
  readonly id: string;
  readonly tools: readonly CheckedTool[];
  readonly pins: PinMode;
}

export interface CheckedTool {
  readonly name: string;
  readonly weight: number;
  readonly input_schema?: JsonValue;
  readonly pin?: string;
}

export interface CheckedPlan {
  readonly id: string;
  readonly tools: readonly string[];
  readonly limits: readonly CheckedLimit[];
}

export type CheckedRule = Omit<SnapshotRule, 'callers' | 'when'> & {
  readonly callers: CheckedMatch;
  readonly when: readonly CheckedCondition[];
};

export type CheckedLimit = Omit<LimitRule, 'callers' | 'giveBack' | 'whenStoreDown' | 'window'> & {
  readonly callers: CheckedMatch;
  readonly window?: LimitRule['window'];
  readonly give_back: LimitRule['giveBack'];
  readonly when_store_down: LimitRule['whenStoreDown'];
};

export interface CheckedTime {
  readonly zone: string;
  readonly days: readonly (typeof weekdays)[number][];
  readonly from: string;
  readonly to: string;
}

export interface CheckedCondition {
  readonly argument?: string;
  readonly time?: CheckedTime;
  readonly methods?: readonly string[];
  readonly [operator: string]: JsonValue | CheckedTime | undefined;
}
