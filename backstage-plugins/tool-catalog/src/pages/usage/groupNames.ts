import type { UsageGrouping, UsageRow } from '@mcp-governance/backstage-plugin-tool-catalog-common';

export const groupLabels: Readonly<Record<UsageGrouping, string>> = {
  tool: 'Tool',
  application: 'Application',
  team: 'Team',
  costCenter: 'Cost centre',
  day: 'Day',
};

export const NO_COST_CENTER = 'No cost centre';

/** What people read for a row. */
export const nameOfRow = ({ key }: UsageRow, groupBy: UsageGrouping): string =>
  key || (groupBy === 'costCenter' ? NO_COST_CENTER : 'not attributed');
