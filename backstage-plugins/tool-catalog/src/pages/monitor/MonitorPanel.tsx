import { useState } from 'react';
import { CartesianGrid, Line, LineChart, ResponsiveContainer, Tooltip, XAxis, YAxis } from 'recharts';
import { Flex, Select, Text } from '@backstage/ui';
import type { Monitor } from '@mcp-governance/backstage-plugin-tool-catalog-common';
import { Facts } from '../../components/Facts';
import { count } from '../../components/names';
import { NothingYet } from '../../components/NothingYet';
import { Outcome } from '../../components/Outcome';
import { useLoad } from '../../hooks/useLoad';
import { usePolling } from '../../hooks/usePolling';
import { useToolCatalog } from '../../hooks/useToolCatalog';
import { LimitsLeft } from './LimitsLeft';

/** Live enough to see one's own call within seconds. */
const POLL_MS = 3_000;

interface MonitorPanelProps {
  readonly server: string;
  readonly tool?: string;
}

/** Calls, errors and latency of the last minutes, as far as the viewer may see them; of one tool also the limits left. */
export const MonitorPanel = ({ server, tool }: MonitorPanelProps) => {
  const catalog = useToolCatalog();
  const [minutes, setMinutes] = useState('60');
  const loaded = useLoad(() => catalog.monitor({ server, tool, minutes }), `${server} ${tool ?? ''} ${minutes}`);
  usePolling(loaded.reload, POLL_MS);
  return (
    <Flex direction="column" gap="4" pt="4">
      <Select
        label="Time"
        options={[
          { id: '15', label: 'Last 15 minutes' },
          { id: '60', label: 'Last hour' },
          { id: '1440', label: 'Last day' },
        ]}
        selectedKey={minutes}
        onSelectionChange={(key) => setMinutes(String(key))}
        style={{ maxWidth: 240 }}
      />
      <Outcome loaded={loaded}>{(monitor) => <MonitorView monitor={monitor} />}</Outcome>
      {tool !== undefined && <LimitsLeft server={server} tool={tool} pollMs={POLL_MS} />}
    </Flex>
  );
};

const MonitorView = ({ monitor }: { readonly monitor: Monitor }) => {
  const { calls, errors, refused, latencyMs, series } = monitor;
  if (calls + refused === 0)
    return <NothingYet title="No calls in this time" hint='Make one under "Try it": it shows here within seconds.' />;
  const milliseconds = (value: number | undefined): string => (value === undefined ? '-' : `${Math.round(value)} ms`);
  return (
    <>
      <Facts
        facts={[
          ['Calls', count(calls)],
          ['Error rate', `${calls === 0 ? 0 : ((100 * errors) / calls).toFixed(1)} %`],
          ['Refused', count(refused)],
          ['p50', milliseconds(latencyMs.p50)],
          ['p95', milliseconds(latencyMs.p95)],
          ['p99', milliseconds(latencyMs.p99)],
        ]}
      />
      <figure aria-label="Calls and errors over time" style={{ margin: 0 }}>
        <ResponsiveContainer width="100%" height={260}>
          <LineChart data={series.map((point) => ({ ...point, time: clock(point.at) }))}>
            <CartesianGrid stroke="var(--bui-border-1)" />
            <XAxis dataKey="time" stroke="var(--bui-fg-secondary)" minTickGap={40} />
            <YAxis allowDecimals={false} stroke="var(--bui-fg-secondary)" width={40} />
            <Tooltip contentStyle={{ background: 'var(--bui-bg-neutral-1)', color: 'var(--bui-fg-primary)' }} />
            <Line
              type="monotone"
              dataKey="calls"
              name="Calls"
              stroke="var(--bui-accent-bg)"
              dot={false}
              isAnimationActive={false}
            />
            <Line
              type="monotone"
              dataKey="errors"
              name="Errors"
              stroke="var(--bui-fg-negative)"
              strokeDasharray="4 3"
              dot={false}
              isAnimationActive={false}
            />
          </LineChart>
        </ResponsiveContainer>
        <figcaption>
          <Text color="secondary">Calls (solid) and errors (dashed); refreshed every three seconds.</Text>
        </figcaption>
      </figure>
    </>
  );
};

const clock = (iso: string): string =>
  new Intl.DateTimeFormat(undefined, { hour: '2-digit', minute: '2-digit' }).format(new Date(iso));
