import { Bar, BarChart, CartesianGrid, ResponsiveContainer, Tooltip, XAxis, YAxis } from 'recharts';
import type { UsageRow } from '@mcp-governance/backstage-plugin-tool-catalog-common';

/** Calls a day. The table below it holds the same numbers for who cannot see it. */
export const UsageChart = ({ rows }: { readonly rows: readonly UsageRow[] }) => (
  <figure aria-label="Calls a day" style={{ margin: 0 }}>
    <ResponsiveContainer width="100%" height={240}>
      <BarChart data={[...rows].sort((left, right) => left.key.localeCompare(right.key))}>
        <CartesianGrid stroke="var(--bui-border-1)" vertical={false} />
        <XAxis dataKey="key" stroke="var(--bui-fg-secondary)" minTickGap={30} />
        <YAxis allowDecimals={false} stroke="var(--bui-fg-secondary)" width={40} />
        <Tooltip contentStyle={{ background: 'var(--bui-bg-neutral-1)', color: 'var(--bui-fg-primary)' }} />
        <Bar dataKey="calls" name="Calls" fill="var(--bui-accent-bg)" isAnimationActive={false} />
      </BarChart>
    </ResponsiveContainer>
  </figure>
);
