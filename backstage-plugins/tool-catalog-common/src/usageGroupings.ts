/** What usage and cost can be grouped by; a cost centre is who bears a call by billing's allocation rules. */
export const usageGroupings = ['tool', 'application', 'team', 'costCenter', 'day'] as const;
export type UsageGrouping = (typeof usageGroupings)[number];
