import type { McpServer } from '@modelcontextprotocol/server';
import { ResourceTemplate } from '@modelcontextprotocol/server';
import type { DemoContext } from '../demo-context.ts';

/** Changes with every refund or deletion, and tells its subscribers. */
export const ordersSummaryUri = 'orders://summary';

export function addOrderResources(server: McpServer, { store }: DemoContext): void {
  server.registerResource(
    'orders-summary',
    ordersSummaryUri,
    { title: 'Orders by state', description: 'How many orders are in each state', mimeType: 'application/json' },
    () => ({ contents: [jsonContent(ordersSummaryUri, countByState(store.orders()))] }),
  );
  server.registerResource(
    'order',
    new ResourceTemplate('orders://order/{id}', { list: undefined }),
    { title: 'One order', description: 'An order by its id', mimeType: 'application/json' },
    (uri, { id }) => ({ contents: [jsonContent(uri.href, store.order(String(id)) ?? { missing: id })] }),
  );
}

export function countByState(items: readonly { readonly state: string }[]): Record<string, number> {
  const counts = new Map<string, number>();
  for (const { state } of items) counts.set(state, (counts.get(state) ?? 0) + 1);
  return Object.fromEntries(counts);
}

function jsonContent(uri: string, value: unknown): { uri: string; mimeType: string; text: string } {
  return { uri, mimeType: 'application/json', text: JSON.stringify(value) };
}
