import type { InputRequiredResult, McpServer } from '@modelcontextprotocol/server';
import { acceptedContent, inputRequired, inputResponse } from '@modelcontextprotocol/server';
import { z } from 'zod';
import { addTool, type ToolReply } from '../add-tool.ts';
import type { Order } from '../commerce-store.ts';
import type { DemoContext } from '../demo-context.ts';
import { dataReply, errorReply, textReply } from '../replies.ts';
import { ordersSummaryUri } from './order-resource.ts';

const confirmation = z.object({ confirm: z.boolean() });

/**
 * Asks a person before it pays money back. The modern era answers `input_required` and is called again with the answer;
 * for a legacy session the SDK turns the same return value into an `elicitation/create` request.
 */
export function addRefundTools(server: McpServer, context: DemoContext): void {
  addTool(server, context, {
    name: 'confirm_refund',
    description: 'Refunds an order after a person has confirmed it.',
    input: z.object({ orderId: z.string().min(1).max(64) }),
    annotations: { destructiveHint: true },
    run: ({ orderId }, call) => {
      const order = context.store.order(orderId);
      if (order === undefined) return errorReply(`There is no order ${orderId}.`);
      const responses = call.mcpReq.inputResponses;
      if (inputResponse(responses, 'confirm').kind === 'missing') return askForConfirmation(order);
      const confirmed = acceptedContent(responses, 'confirm', confirmation)?.confirm === true;
      return confirmed ? refund(context, orderId) : textReply(`The refund of ${orderId} was not confirmed.`);
    },
  });
}

function askForConfirmation(order: Order): InputRequiredResult {
  const amount = (order.amountCents / 100).toFixed(2);
  return inputRequired({
    inputRequests: {
      confirm: inputRequired.elicit({
        message: `Refund ${amount} ${order.currency} to ${order.customer} for ${order.item}?`,
        requestedSchema: confirmation,
      }),
    },
  });
}

function refund({ store, bus }: DemoContext, orderId: string): ToolReply {
  const result = store.refund(orderId);
  if (result.state === 'unknown_order') return errorReply(`There is no order ${orderId}.`);
  if (result.state === 'already_refunded') return errorReply(`Order ${orderId} is refunded already.`);
  bus.publish({ kind: 'resource_updated', uri: ordersSummaryUri });
  return dataReply({ refunded: orderId, amount: result.order.amountCents / 100, currency: result.order.currency });
}
