import { McpServer } from '@modelcontextprotocol/server';
import type { DemoContext } from './demo-context.ts';
import { addConformanceFixtures } from './fixtures/add-conformance-fixtures.ts';
import { addInvoiceTools } from './tools/add-invoice-tools.ts';
import { addOrderTools } from './tools/add-order-tools.ts';
import { addRefundPrompt } from './tools/add-refund-prompt.ts';
import { addRefundTools } from './tools/add-refund-tools.ts';
import { addReportTools } from './tools/add-report-tools.ts';
import { addOrderResources } from './tools/order-resource.ts';

export interface BuildOptions {
  /** Also the tools that the conformance suites need. */
  readonly fixtures: boolean;
}

/** A fresh instance: the SDK wants one per modern request and one per legacy session. */
export function buildMcpServer(context: DemoContext, { fixtures }: BuildOptions): McpServer {
  const server = new McpServer(
    { name: 'commerce-demo', version: '1.0.0' },
    {
      capabilities: {
        tools: { listChanged: true },
        prompts: { listChanged: true },
        resources: { listChanged: true, subscribe: true },
        completions: {},
        logging: {},
      },
      instructions: 'Orders, invoices and refunds of a small shop. All data is made up and kept in memory.',
      requestState: { verify: (state, call) => context.roundState.verify(state, call) },
    },
  );
  addInvoiceTools(server, context);
  addOrderTools(server, context);
  addOrderResources(server, context);
  addReportTools(server, context);
  addRefundTools(server, context);
  addRefundPrompt(server, context);
  if (fixtures) addConformanceFixtures(server, context);
  completeOrderIds(server, context);
  return server;
}

/** Completes the `orderId` of the refund prompt, and answers every other completion with nothing. */
function completeOrderIds(server: McpServer, { store }: DemoContext): void {
  server.server.setRequestHandler('completion/complete', ({ params: { ref, argument } }) => {
    const ofOrder = ref.type === 'ref/prompt' && ref.name === 'refund_reply' && argument.name === 'orderId';
    const ids = ofOrder ? store.orders().map((order) => order.id) : [];
    const values = ids.filter((id) => id.startsWith(argument.value)).slice(0, 100);
    return { completion: { values, total: values.length, hasMore: false } };
  });
}
