import type { Database } from '../../database/open-database.ts';
import { importPrices } from '../../price-book/import-prices.ts';
import { readPriceDocument } from '../../price-book/read-price-document.ts';
import { closePeriod, type CloseOptions, type CloseReport } from '../close-period.ts';

export const march = { start: '2026-03-01', end: '2026-04-01' };
export const april = { start: '2026-04-01', end: '2026-05-01' };
/** After both. */
export const may = new Date('2026-05-02T03:00:00.000Z');

/** Two tenants, one price for everybody, one of acme's own tools with tiers. */
const prices = `
version: 1
tenants:
  - { id: acme, name: Acme GmbH, currency: eur }
  - { id: bolt, name: Bolt Ltd, currency: usd, minimum: "20.00" }
prices:
  - { server: weather, tool: '*', currency: eur, model: flat, unit_amount: "0.01", free_units: 10, effective_from: 2026-01-01 }
  - { server: weather, tool: '*', currency: usd, model: flat, unit_amount: "0.02", effective_from: 2026-01-01 }
  - server: maps
    tool: route
    currency: eur
    model: graduated
    tiers: [{ up_to: 100, unit_amount: "1" }, { unit_amount: "0.5" }]
    effective_from: 2026-01-01
allocations:
  - tenant: acme
    effective_from: 2026-01-01
    rules:
      - { application: bot, team: red, cost_center: "100", weight_bp: 2500 }
      - { application: bot, team: blue, cost_center: "200", weight_bp: 7500 }
`;

export const importText = async (database: Database, text: string): Promise<void> => {
  const read = readPriceDocument(text);
  if (!read.ok) throw new Error(JSON.stringify(read.error));
  const done = await importPrices(database, read.value, { actor: 'ann' });
  if (!done.ok) throw new Error(JSON.stringify(done.error));
};

/** The tenants have been there since the year began, whenever the test runs. */
export const importFixtures = async (database: Database): Promise<void> => {
  await importText(database, prices);
  await database('billing.tenant').update({ created_at: '2026-01-01T00:00:00Z' });
};

export const closed = async (
  database: Database,
  period = march,
  options: Partial<CloseOptions> = {},
): Promise<CloseReport> => {
  const report = await closePeriod(database, period, { now: may, ...options });
  if (!report.ok) throw new Error(JSON.stringify(report.error));
  return report.value;
};
