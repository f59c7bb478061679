import { useState } from 'react';
import { Alert, Button, Flex, Select, Text } from '@backstage/ui';
import {
  usageGroupings,
  type UsageGrouping,
  type UsageReport,
} from '@mcp-governance/backstage-plugin-tool-catalog-common';
import { CatalogPage } from '../../components/CatalogPage';
import { Facts } from '../../components/Facts';
import { count } from '../../components/names';
import { NothingYet } from '../../components/NothingYet';
import { Outcome } from '../../components/Outcome';
import { useLoad } from '../../hooks/useLoad';
import { usePolling } from '../../hooks/usePolling';
import { useToolCatalog } from '../../hooks/useToolCatalog';
import { downloadCsv } from './downloadCsv';
import { groupLabels, NO_COST_CENTER } from './groupNames';
import { StatementsSection } from './StatementsSection';
import { UsageChart } from './UsageChart';
import { UsageTable } from './UsageTable';

const POLL_MS = 5_000;

/** Calls and what they cost: of the viewer's teams, or of all of them for finance. */
export const UsagePage = () => {
  const catalog = useToolCatalog();
  const [groupBy, setGroupBy] = useState<UsageGrouping>('tool');
  const [month, setMonth] = useState(monthOf(new Date()));
  const loaded = useLoad(() => catalog.usage({ groupBy, month }), `${groupBy} ${month}`);
  usePolling(loaded.reload, POLL_MS);
  return (
    <CatalogPage intro="What your teams called and what it costs, from the same ledger as the invoice.">
      <Flex gap="3" align="end" style={{ flexWrap: 'wrap' }}>
        <Select
          label="Month"
          options={lastMonths(6).map((each) => ({ id: each, label: each }))}
          selectedKey={month}
          onSelectionChange={(key) => setMonth(String(key))}
          style={{ flex: '0 1 200px' }}
        />
        <Select
          label="Group by"
          options={usageGroupings.map((id) => ({ id, label: groupLabels[id] }))}
          selectedKey={groupBy}
          onSelectionChange={(key) => setGroupBy(usageGroupings.find((each) => each === key) ?? 'tool')}
          style={{ flex: '0 1 200px' }}
        />
        <Button
          variant="secondary"
          isDisabled={loaded.value === undefined}
          onPress={() => loaded.value && downloadCsv(month, loaded.value)}
        >
          Download CSV
        </Button>
      </Flex>
      <Outcome loaded={loaded}>{(report) => <Report report={report} />}</Outcome>
      <StatementsSection />
    </CatalogPage>
  );
};

const Report = ({ report }: { readonly report: UsageReport }) => {
  if (report.rows.length === 0)
    return <NothingYet title="No calls in this month" hint="Calls show here within seconds after they were made." />;
  return (
    <Flex direction="column" gap="4">
      <Facts
        facts={[
          ['Calls', <span data-testid="usage-calls">{count(report.calls)}</span>],
          ...report.totals.flatMap(({ currency, cost, forecast }) => [
            [`Month to date (${currency.toUpperCase()})`, cost] as const,
            ...(forecast === undefined ? [] : [[`Forecast (${currency.toUpperCase()})`, forecast] as const]),
          ]),
        ]}
      />
      {report.unpriced.length > 0 && (
        <Alert
          status="warning"
          icon
          title="Called, and without a price"
          description={report.unpriced.map(({ server, tool, calls }) => `${server}/${tool} (${calls})`).join(', ')}
        />
      )}
      {report.groupBy === 'day' && <UsageChart rows={report.rows} />}
      <UsageTable report={report} />
      {report.groupBy === 'costCenter' && (
        <Text color="secondary">
          By finance’s allocation rules, as on statements. What no rule gives to a cost centre is under “
          {NO_COST_CENTER}”.
        </Text>
      )}
      <Text color="secondary">Days and months are in UTC, as on the invoice.</Text>
    </Flex>
  );
};

const monthOf = (date: Date): string => date.toISOString().slice(0, 7);

/** The running month first. */
const lastMonths = (howMany: number): readonly string[] => {
  const now = new Date();
  return Array.from({ length: howMany }, (_, back) =>
    monthOf(new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth() - back, 1))),
  );
};
