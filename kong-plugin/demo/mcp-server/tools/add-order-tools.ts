import type { McpServer } from '@modelcontextprotocol/server';
import { z } from 'zod';
import { addTool } from '../add-tool.ts';
import { currencies, type Order } from '../commerce-store.ts';
import type { DemoContext } from '../demo-context.ts';
import { dataReply, errorReply } from '../replies.ts';
import { ordersSummaryUri } from './order-resource.ts';

const searchInput = z.object({
  query: z.string().max(200).describe('Part of an order id, customer or item'),
  limit: z.number().int().min(1).max(100).default(10),
});

const orderOutput = z.object({
  id: z.string(),
  customer: z.string(),
  item: z.string(),
  amount: z.number(),
  currency: z.enum(currencies),
  state: z.enum(['paid', 'shipped', 'refunded']),
});

export function addOrderTools(server: McpServer, context: DemoContext): void {
  addSearchOrders(server, context);
  addDeleteOrder(server, context);
}

function addSearchOrders(server: McpServer, context: DemoContext): void {
  addTool(server, context, {
    name: 'search_orders',
    description: 'Searches orders by id, customer or item.',
    input: searchInput,
    output: z.object({ orders: z.array(orderOutput) }),
    annotations: { readOnlyHint: true },
    run: ({ query, limit }) =>
      dataReply({ orders: context.store.searchOrders({ text: query, limit }).map(toOrderView) }),
  });
}

function addDeleteOrder(server: McpServer, context: DemoContext): void {
  addTool(server, context, {
    name: 'delete_order',
    description: 'Deletes an order for good.',
    input: z.object({ orderId: z.string().min(1).max(64) }),
    annotations: { destructiveHint: true },
    run: ({ orderId }) => {
      if (!context.store.deleteOrder(orderId)) return errorReply(`There is no order ${orderId}.`);
      context.bus.publish({ kind: 'resource_updated', uri: ordersSummaryUri });
      return dataReply({ deleted: orderId });
    },
  });
}

function toOrderView({ amountCents, ...order }: Order): Record<string, unknown> {
  return { ...order, amount: amountCents / 100 };
}
