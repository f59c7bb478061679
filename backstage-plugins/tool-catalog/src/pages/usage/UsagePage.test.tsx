import { renderInTestApp } from '@backstage/frontend-test-utils';
import type { UsageReport } from '@mcp-governance/backstage-plugin-tool-catalog-common';
import { screen, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { toolCatalogApiRef, type ToolCatalogApi } from '../../api/toolCatalogApiRef';
import { UsagePage } from './UsagePage';

const common = {
  ...{ from: '2026-11-01', to: '2026-12-01', calls: 7, unpriced: [] },
  totals: [{ currency: 'eur', cost: '1.00', forecast: '2.50' }],
};
const counts = { errors: 0, refused: 0, currency: 'eur' };
const reports: Readonly<Record<string, UsageReport>> = {
  tool: { ...common, groupBy: 'tool', rows: [{ ...counts, key: 'orders/search_orders', calls: 7, cost: '1.00' }] },
  costCenter: {
    ...{ ...common, groupBy: 'costCenter' },
    rows: [
      { ...counts, key: '', tenant: 'acme', calls: 1, cost: '0.14' },
      { ...counts, key: '4711', tenant: 'acme', calls: 4, cost: '0.57' },
      { ...counts, key: '4711', tenant: 'globex', calls: 2, cost: '0.29' },
    ],
  },
};

describe('the page of usage and cost', () => {
  const show = () => {
    const asked: string[] = [];
    const catalog: Pick<ToolCatalogApi, 'usage' | 'statements'> = {
      usage: async ({ groupBy = '' }) => {
        asked.push(String(groupBy));
        const report = reports[String(groupBy)];
        if (report === undefined) throw new Error(`Nobody told this test about ${groupBy}.`);
        return report;
      },
      statements: async () => [],
    };
    renderInTestApp(<UsagePage />, { apis: [[toolCatalogApiRef, catalog as ToolCatalogApi]] });
    return asked;
  };
  /** Without the row of column headers. */
  const cells = (): readonly (readonly (string | null)[])[] =>
    screen
      .getAllByRole('row')
      .slice(1)
      .map((row) =>
        [...within(row).getAllByRole('rowheader'), ...within(row).getAllByRole('gridcell')].map(
          ({ textContent }) => textContent,
        ),
      );

  it('groups by cost centre, with the tenant beside it, and says what has none', async () => {
    const asked = show();
    await screen.findByText('orders/search_orders');
    await userEvent.click(screen.getByRole('button', { name: /Group by/ }));
    await userEvent.click(await screen.findByRole('option', { name: 'Cost centre' }));
    await screen.findByRole('columnheader', { name: 'Cost centre' });
    expect(asked).toEqual(['tool', 'costCenter']);
    expect(cells()).toEqual([
      ['No cost centre', 'acme', '1', '0', '0', '0.14 EUR'],
      ['4711', 'acme', '4', '0', '0', '0.57 EUR'],
      ['4711', 'globex', '2', '0', '0', '0.29 EUR'],
    ]);
    expect(screen.getByTestId('usage-calls')).toHaveTextContent('7');
    expect(screen.getByText('Forecast (EUR)')).toBeInTheDocument();
  });
});
