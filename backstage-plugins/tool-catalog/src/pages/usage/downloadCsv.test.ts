import type { UsageGrouping, UsageRow } from '@mcp-governance/backstage-plugin-tool-catalog-common';
import { toCsv } from './downloadCsv';

const row = (key: string, more: Partial<UsageRow> = {}): UsageRow => ({
  ...{ key, calls: 3, errors: 1, refused: 2 },
  ...more,
});
const linesOf = (groupBy: UsageGrouping, ...rows: readonly UsageRow[]) => toCsv({ groupBy, rows }).split('\r\n');

describe('usage as CSV', () => {
  it('has a row per group, and an empty cost where the viewer may not see it', () => {
    expect(linesOf('team', row('group:default/team-support', { cost: '1.20', currency: 'eur' }), row(''))).toEqual([
      'group,calls,errors,refused,cost,currency',
      'group:default/team-support,3,1,2,1.20,eur',
      ',3,1,2,,',
      '',
    ]);
  });

  it('by cost centre has the tenant and the cost centre, and says what has none', () => {
    const rows = ['4711', ''].map((key) => row(key, { tenant: 'acme', cost: '0.42', currency: 'eur' }));
    expect(linesOf('costCenter', ...rows)).toEqual([
      'tenant,cost_center,calls,errors,refused,cost,currency',
      'acme,4711,3,1,2,0.42,eur',
      'acme,No cost centre,3,1,2,0.42,eur',
      '',
    ]);
  });

  it.each([
    ['=1+1', "'=1+1"],
    ['@sum', "'@sum"],
    ['a,b', '"a,b"'],
    ['a"b', '"a""b"'],
    ['=a,"b"', `"'=a,""b"""`],
    ['0815', '0815'],
  ])('writes the cost centre %s as %s', (key, written) => {
    expect(linesOf('costCenter', row(key, { tenant: 'acme' }))[1]).toBe(`acme,${written},3,1,2,,`);
  });
});
