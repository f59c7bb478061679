import type { ModeChoice } from '../../domain/invoicing/line-mode.ts';
import type { Statement } from '../../domain/statements/statement.ts';
import { tenantMode } from '../catalog/desired-catalog.ts';
import { loadCatalogInput } from '../catalog/plan-catalog.ts';
import type { ProviderContext } from '../provider-context.ts';
import { findSubscription } from '../subscriptions.ts';

/** How a statement is invoiced: by its prices, and by meters only where a subscription counted the whole month. */
export const chooseStatementMode = async (context: ProviderContext, statement: Statement): Promise<ModeChoice> => {
  const { tenant: id, periodStart, periodEnd } = statement;
  const input = await loadCatalogInput(context, { period: { start: periodStart, end: periodEnd } });
  const tenant = input.tenants.find((each) => each.id === id);
  if (tenant === undefined) return { mode: 'lines', because: ['the tenant is closed'] };
  const { choice } = tenantMode(tenant, toolsOf(input.versions, input.seenTools), input);
  if (choice.mode === 'lines') return choice;
  const subscription = await findSubscription(context, { tenant: id, month: periodStart.slice(0, 7) });
  return subscription === undefined
    ? { mode: 'lines', because: [`no subscription counted all of ${periodStart.slice(0, 7)}`] }
    : choice;
};

interface Tool {
  readonly server: string;
  readonly tool: string;
}

const toolsOf = (versions: readonly Tool[], seen: readonly Tool[]): readonly Tool[] => {
  const named = [...versions.filter(({ tool }) => tool !== '*'), ...seen];
  return [...new Map(named.map(({ server, tool }) => [`${server}\n${tool}`, { server, tool }])).values()];
};
