import { describeIssue } from '../../domain/issue.ts';
import { success } from '../../domain/result.ts';
import { importPrices, type ImportReport } from '../../price-book/import-prices.ts';
import { listPrices } from '../../price-book/price-store.ts';
import { readPriceDocument } from '../../price-book/read-price-document.ts';
import type { SessionCommand } from '../command.ts';
import { misconfigured, refused } from '../failure.ts';
import { actorOf } from '../options.ts';
import { formatTable, plural } from '../table.ts';
import { describeModel } from '../../domain/pricing/describe-model.ts';

export const pricesImport: SessionCommand = {
  name: 'prices import',
  needs: 'database',
  summary: 'add what a price document says',
  usage: 'FILE [--dry-run]',
  help: `Adds tenants, prices, free allowances and allocation rules from a document (YAML or JSON; - is standard input). Taken whole
or not at all. Prices are never changed: a new price is a new version from a later day on. The same document twice adds nothing.

  stoa-billing prices import prices.yaml --dry-run
  stoa-billing prices import prices.yaml

  --dry-run         check and show, change nothing`,
  options: { 'dry-run': { type: 'boolean' } },
  positionals: { min: 1, max: 1 },
  run: async (parameters, { database }, io) => {
    const [file = ''] = parameters.positionals;
    const text = io.readFile(file);
    if (!text.ok) return misconfigured({ path: file, problem: `${text.error}.` });
    const document = readPriceDocument(text.value);
    if (!document.ok) return refused(`${file} is not taken.`, document.error.map(describeIssue));
    const isDryRun = parameters.flag('dry-run');
    const report = await importPrices(database, document.value, { actor: actorOf(io), isDryRun });
    if (!report.ok) return refused(`${file} is not taken.`, report.error.map(describeIssue));
    return success({ text: describeImport(report.value), json: report.value });
  },
};

const describeImport = ({ isDryRun, tenants, prices, pools, allocations, unchanged }: ImportReport): string => {
  const parts = [
    plural(tenants.length, 'tenant'),
    plural(prices.length, 'price'),
    plural(pools.length, 'pool'),
    `allocation rules of ${plural(allocations.length, 'tenant')}`,
  ].join(', ');
  return [
    `${isDryRun ? 'Would add or change' : 'Added or changed'}: ${parts}. Unchanged: ${unchanged}.`,
    ...prices.map(
      (version) =>
        `  ${version.server}/${version.tool} ${version.tenant ?? 'list'} ${version.currency}: ${describeModel(version.price)} from ${version.effectiveFrom}`,
    ),
  ].join('\n');
};

export const pricesList: SessionCommand = {
  name: 'prices list',
  needs: 'database',
  summary: 'every price version',
  usage: '[--tenant ID] [--server NAME]',
  help: `Lists price versions, oldest first, those to come included.

  stoa-billing prices list --server orders

  --tenant ID       the tenant's own prices and the list's
  --server NAME     only this server's`,
  options: { tenant: { type: 'string' }, server: { type: 'string' } },
  positionals: { min: 0, max: 0 },
  run: async (parameters, { database }) => {
    const [tenant, server] = [parameters.option('tenant'), parameters.option('server')];
    const prices = await listPrices(database, {
      ...(tenant === undefined ? {} : { tenant }),
      ...(server === undefined ? {} : { server }),
    });
    const rows = prices.map(({ version }) => [
      ...[version.server, version.tool, version.tenant ?? 'list', version.currency, describeModel(version.price)],
      ...[version.freeUnits === undefined ? '-' : version.freeUnits.toString(), version.effectiveFrom, version.id],
    ]);
    return success({
      text:
        rows.length === 0
          ? 'There are no prices. Add some with: stoa-billing prices import.'
          : formatTable([['server', 'tool', 'for', 'currency', 'price', 'free', 'from', 'id'], ...rows]),
      json: { prices },
    });
  },
};
