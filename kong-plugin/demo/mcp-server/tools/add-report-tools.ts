import type { McpServer } from '@modelcontextprotocol/server';
import { setTimeout as delay } from 'node:timers/promises';
import { z } from 'zod';
import { addTool } from '../add-tool.ts';
import type { DemoContext } from '../demo-context.ts';
import { dataReply } from '../replies.ts';
import { reportProgress } from '../report-progress.ts';
import { countByState } from './order-resource.ts';

/** Short enough for a demo, long enough that a buffering proxy is seen: the first news would come with the result. */
const STEP_MILLISECONDS = 60;

const reportInput = z.object({
  title: z.string().min(1).max(200).default('Orders'),
  steps: z.number().int().min(1).max(200).default(5).describe('How many progress notifications to send on the way'),
});

export function addReportTools(server: McpServer, context: DemoContext): void {
  addTool(server, context, {
    name: 'generate_report',
    description: 'Generates an order report and reports its progress while it runs.',
    input: reportInput,
    annotations: { readOnlyHint: true },
    run: async ({ title, steps }, call) => {
      for (let step = 1; step <= steps; step += 1) {
        // Rejects when the caller cancels, so no work outlives its request.
        await delay(STEP_MILLISECONDS, undefined, { signal: call.mcpReq.signal });
        await reportProgress(call, { progress: step, total: steps, message: `Step ${step} of ${steps}` });
      }
      const orders = context.store.orders();
      return dataReply({ title, orders: orders.length, byState: countByState(orders), turnover: turnover(orders) });
    },
  });
}

function turnover(
  orders: readonly { readonly currency: string; readonly amountCents: number }[],
): Record<string, number> {
  const cents = new Map<string, number>();
  for (const order of orders) cents.set(order.currency, (cents.get(order.currency) ?? 0) + order.amountCents);
  return Object.fromEntries([...cents].map(([currency, sum]) => [currency, sum / 100]));
}
