import type { McpServer } from '@modelcontextprotocol/server';
import { z } from 'zod';
import type { DemoContext } from '../demo-context.ts';

export function addRefundPrompt(server: McpServer, { store }: DemoContext): void {
  server.registerPrompt(
    'refund_reply',
    {
      title: 'Answer a refund request',
      description: 'Drafts an answer to a customer who wants a refund.',
      argsSchema: z.object({ orderId: z.string().describe('For example ord-1001') }),
    },
    ({ orderId }) => {
      const order = store.order(orderId);
      const facts = order === undefined ? `Order ${orderId} is unknown.` : `The order: ${JSON.stringify(order)}.`;
      return {
        messages: [{ role: 'user', content: { type: 'text', text: `Answer a refund request politely. ${facts}` } }],
      };
    },
  );
}
