import { renderInTestApp, TestApiProvider } from '@backstage/frontend-test-utils';
import type { LimitLeft } from '@mcp-governance/backstage-plugin-tool-catalog-common';
import { screen, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { toolCatalogApiRef, type ToolCatalogApi } from '../../api/toolCatalogApiRef';
import { LimitsLeft } from './LimitsLeft';

const month: LimitLeft = {
  ...{ rule: 'starter-month', kind: 'rate', window: 'month', limit: 900, used: 42, remaining: 858, cost: 1 },
  resetsAt: '2026-12-01T00:00:00Z',
};
const helpdesk = { id: 'helpdesk', name: 'Help desk', team: '', tenant: 'acme', createdAt: '', createdBy: '' };

interface Given {
  readonly applications?: readonly (typeof helpdesk)[];
  readonly limitsLeft?: ToolCatalogApi['limitsLeft'];
}

const show = async ({ applications = [helpdesk], limitsLeft = async () => [month] }: Given = {}) => {
  const catalog: Partial<ToolCatalogApi> = { applications: async () => applications, limitsLeft };
  renderInTestApp(
    <TestApiProvider apis={[[toolCatalogApiRef, catalog]]}>
      <LimitsLeft server="orders" tool="search_orders" pollMs={20} />
    </TestApiProvider>,
  );
  return within(await screen.findByRole('region', { name: 'Limits left' }));
};

describe('the limits left', () => {
  it('are told in words, with a named bar and the moment of the reset', async () => {
    const card = await show();
    expect(await card.findByText('900 a month: 858 left')).toBeVisible();
    const bar = card.getByRole('progressbar', { name: 'Used of 900 a month, starter-month' });
    expect([bar.getAttribute('value'), bar.getAttribute('max')]).toEqual(['42', '900']);
    expect(card.getByText(/^42 used, resets .*2026.* \(starter-month\)$/)).toBeVisible();
  });

  it('of calls at a time have no reset, a weight is said, and a bar below what is used is full', async () => {
    const streams: LimitLeft = { rule: 'streams', kind: 'concurrent', limit: 5, used: 0, remaining: 5, cost: 1 };
    const lowered: LimitLeft = { ...month, limit: 30, remaining: 0, cost: 3 };
    const burst: LimitLeft = { ...month, window: 'second', rule: 'burst' };
    const card = await show({ limitsLeft: async () => [streams, lowered, burst] });
    expect(await card.findByText('5 at a time: 5 left')).toBeVisible();
    expect(card.getByText('0 used (streams)')).toBeVisible();
    expect(card.getByText('42 used, resets every second (burst)')).toBeVisible();
    expect(card.getByText('30 a month: 0 left, and a call takes 3')).toBeVisible();
    expect(card.getByRole('progressbar', { name: /30 a month/ })).toHaveAttribute('value', '30');
  });

  it('follow the calls while the page is open', async () => {
    let used = 42;
    const card = await show({ limitsLeft: async () => [{ ...month, used, remaining: 900 - used }] });
    expect(await card.findByText('900 a month: 858 left')).toBeVisible();
    used = 43;
    expect(await card.findByText('900 a month: 857 left')).toBeVisible();
  });

  it('are asked for the application that is chosen', async () => {
    const other = { ...helpdesk, id: 'shop', name: 'Shop' };
    const limitsLeft: ToolCatalogApi['limitsLeft'] = async ({ application }) => [{ ...month, rule: application }];
    const card = await show({ applications: [helpdesk, other], limitsLeft });
    expect(await card.findByText(/\(helpdesk\)$/)).toBeVisible();
    await userEvent.click(card.getByRole('button', { name: /Application/ }));
    await userEvent.click(await screen.findByRole('option', { name: 'Shop' }));
    expect(await card.findByText(/\(shop\)$/)).toBeVisible();
  });

  it('that are none say so', async () => {
    expect(await (await show({ limitsLeft: async () => [] })).findByText('No limit concerns this tool.')).toBeVisible();
  });

  it('are nobody’s without an application: the card says where to create one', async () => {
    const card = await show({ applications: [] });
    expect(await card.findByRole('link', { name: 'My applications and keys' })).toHaveAttribute(
      'href',
      '/applications',
    );
  });

  it('that cannot be told say why and what to do, and come by themselves once they can', async () => {
    const why = 'The gateway has served no call to orders since it started. Make one, then it shows here.';
    let isAway = true;
    const card = await show({ limitsLeft: async () => (isAway ? Promise.reject(new Error(why)) : [month]) });
    expect(await card.findByRole('alert')).toHaveTextContent(why);
    isAway = false;
    expect(await card.findByText('900 a month: 858 left')).toBeVisible();
  });
});
