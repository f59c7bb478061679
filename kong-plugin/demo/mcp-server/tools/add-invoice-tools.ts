import type { McpServer } from '@modelcontextprotocol/server';
import { z } from 'zod';
import { addTool } from '../add-tool.ts';
import { currencies } from '../commerce-store.ts';
import type { DemoContext } from '../demo-context.ts';
import { dataReply } from '../replies.ts';

const invoiceInput = z.object({
  customer: z.string().min(1).max(200).describe('Name of the customer to bill'),
  amount: z.number().positive().max(1_000_000).describe('Amount in the currency, for example 199.90'),
  currency: z.enum(currencies),
});

const invoiceOutput = z.object({
  invoiceId: z.string(),
  customer: z.string(),
  amount: z.number(),
  currency: z.enum(currencies),
});

export function addInvoiceTools(server: McpServer, context: DemoContext): void {
  addTool(server, context, {
    name: 'create_invoice',
    description: 'Creates an invoice for a customer and returns its id.',
    input: invoiceInput,
    output: invoiceOutput,
    annotations: { destructiveHint: false },
    run: ({ customer, amount, currency }) => {
      // Half a cent is rounded up, and one cent is the least that can be billed.
      const amountCents = Math.max(1, Math.round(amount * 100));
      const invoice = context.store.createInvoice({ customer, amountCents, currency });
      return dataReply({ invoiceId: invoice.id, customer, amount: amountCents / 100, currency });
    },
  });
}
