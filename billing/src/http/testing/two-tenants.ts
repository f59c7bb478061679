import type { Database } from '../../database/open-database.ts';
import { putBudget } from '../../budgets/budget-store.ts';
import { importText } from '../../statements/testing/close-fixtures.ts';
import { seedCalls } from '../../statements/testing/seed-calls.ts';
import { closePeriod } from '../../statements/close-period.ts';

/** Everything of globex has this word in it, and nothing of acme has. */
export const SECRET = 'mandrake';

const prices = `
version: 1
tenants:
  - { id: acme, name: Acme Corporation, currency: eur }
  - { id: globex, name: Globex ${SECRET}, currency: usd }
prices:
  - { server: orders, tool: search_orders, currency: eur, model: flat, unit_amount: "0.05", effective_from: 2026-01-01, name: Search orders }
  - { server: orders, tool: create_invoice, currency: eur, model: graduated, tiers: [{ up_to: 10, unit_amount: "1" }, { unit_amount: "0.5" }], free_units: 2, effective_from: 2026-01-01 }
  - { server: orders, tool: '${SECRET}_report', tenant: globex, currency: usd, model: flat, unit_amount: "2", effective_from: 2026-01-01, note: ${SECRET} }
allocations:
  - { tenant: acme, effective_from: 2026-01-01, rules: [{ application: helpdesk, team: support, cost_center: CC-1 }] }
  - { tenant: globex, effective_from: 2026-01-01, rules: [{ team: ${SECRET}-team, cost_center: ${SECRET}-cc }] }
`;

/** October is closed, November runs: TEST_NOW is the 20th at noon. */
export const seedTwoTenants = async (database: Database): Promise<void> => {
  await importText(database, prices);
  await database('billing.tenant').update({ created_at: '2026-01-01T00:00:00Z' });
  const acme = { tenant: 'acme', application: 'helpdesk', server: 'orders' };
  const globex = { tenant: 'globex', application: `${SECRET}-app`, server: 'orders', tool: `${SECRET}_report` };
  for (const [day, count] of [
    ['2026-10-05', 100],
    ['2026-11-10', 30],
    ['2026-11-20', 10],
  ] as const) {
    await seedCalls(database, { ...acme, day, count, tool: 'search_orders' });
    await seedCalls(database, { ...globex, day, count: count * 7 });
  }
  await seedCalls(database, { ...acme, day: '2026-10-06', count: 12, tool: 'create_invoice', application: 'books' });
  await seedCalls(database, { ...acme, day: '2026-11-11', count: 4, tool: 'search_orders', outcome: 'tool_error' });
  await seedCalls(database, { ...acme, day: '2026-11-12', count: 3, tool: 'confirm_refund' });
  await seedCalls(database, { ...globex, day: '2026-11-12', count: 5, tool: `${SECRET}_unpriced` });
  const closed = await closePeriod(
    database,
    { start: '2026-10-01', end: '2026-11-01' },
    { now: new Date('2026-11-02T03:00:00Z') },
  );
  if (!closed.ok || closed.value.sealed.length !== 2) throw new Error(JSON.stringify(closed));
  for (const tenant of ['acme', 'globex'])
    await putBudget(
      database,
      {
        ...{ id: `${tenant}-month`, tenant, period: 'month', enforcement: 'enabled' },
        scope: { kind: 'application', application: tenant === 'acme' ? 'helpdesk' : `${SECRET}-app` },
        limit: { kind: 'quantity', quantity: 1n },
      },
      'test',
    );
};

export const statementOf = async (database: Database, tenant: string): Promise<string> => {
  const [id = ''] = await database('billing.statement').where({ tenant }).pluck<string[]>('id');
  return id;
};
