import { describeIssue } from '../../domain/issue.ts';
import { formatMinor } from '../../domain/money/money.ts';
import { success } from '../../domain/result.ts';
import { importPrices } from '../../price-book/import-prices.ts';
import { checkPriceDocument } from '../../price-book/read-price-document.ts';
import { listTenants } from '../../price-book/tenant-store.ts';
import type { SessionCommand } from '../command.ts';
import { misused, refused } from '../failure.ts';
import { actorOf } from '../options.ts';
import { formatTable } from '../table.ts';

export const tenantAdd: SessionCommand = {
  name: 'tenant add',
  needs: 'database',
  summary: 'add a tenant, or change one',
  usage: 'ID --currency CODE [options]',
  help: `Adds the record of a tenant whose calls are to be billed. ID is the value of the consumers' tag "tenant:<id>".

  stoa-billing tenant add acme --name 'Acme Corporation' --currency eur
  stoa-billing tenant add globex --currency usd --minimum 50.00 --line-mode lines

  --name TEXT       on statements and invoices (default the id)
  --currency CODE   three letters as Stripe writes them, e.g. eur
  --minimum AMOUNT  least that a month costs, in major units
  --line-mode MODE  auto, meters or lines (default auto)
  --status STATUS   active or closed`,
  options: {
    name: { type: 'string' },
    currency: { type: 'string' },
    minimum: { type: 'string' },
    'line-mode': { type: 'string' },
    status: { type: 'string' },
  },
  positionals: { min: 1, max: 1 },
  run: async (parameters, { database }, io) => {
    const [id = ''] = parameters.positionals;
    const currency = parameters.option('currency');
    if (currency === undefined) return misused('give the currency, for example --currency eur');
    const entry = {
      ...{ id, currency, name: parameters.option('name') ?? id, minimum: parameters.option('minimum') },
      ...{ line_mode: parameters.option('line-mode'), status: parameters.option('status') },
    };
    const given = Object.fromEntries(Object.entries(entry).filter(([, value]) => value !== undefined));
    const document = checkPriceDocument({ version: 1, tenants: [given] });
    if (!document.ok) return refused(`Tenant ${id} is not added.`, document.error.map(describeIssue));
    const report = await importPrices(database, document.value, { actor: actorOf(io) });
    if (!report.ok) return refused(`Tenant ${id} is not added.`, report.error.map(describeIssue));
    const isChanged = report.value.tenants.length > 0;
    return success({
      text: isChanged ? `Tenant ${id} is kept.` : `Tenant ${id} was there already, word for word.`,
      json: { tenant: id, isChanged },
    });
  },
};

export const tenantList: SessionCommand = {
  name: 'tenant list',
  needs: 'database',
  summary: 'tenants with a record',
  usage: '',
  help: `Lists the tenants that are billed.

  stoa-billing tenant list
`,
  options: {},
  positionals: { min: 0, max: 0 },
  run: async (_, { database }) => {
    const tenants = await listTenants(database);
    const rows = tenants.map(({ id, name, currency, lineMode, minimumMinor, status, stripeCustomerId }) => [
      ...[id, name, currency, lineMode, minimumMinor === undefined ? '-' : formatMinor(minimumMinor, currency)],
      ...[status, stripeCustomerId ?? '-'],
    ]);
    return success({
      text:
        rows.length === 0
          ? 'There are no tenants. Add one with: stoa-billing tenant add.'
          : formatTable([['tenant', 'name', 'currency', 'lines', 'minimum', 'status', 'Stripe customer'], ...rows]),
      json: { tenants },
    });
  },
};
