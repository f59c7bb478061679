import { startDemoMcpServer } from '../../kong-plugin/demo/mcp-server/demo-mcp-server.ts';

export interface ConformanceTarget {
  readonly name: string;
  start(): Promise<{ readonly url: string; close(): Promise<void> }>;
}

export const directTarget: ConformanceTarget = {
  name: 'directly against the demo server',
  start: () => startDemoMcpServer({ port: 0 }),
};

/** The suites send no API key: the configuration `conformance` has an anonymous, governed route for them. */
export const gatewayTarget: ConformanceTarget = {
  name: 'through the gateway',
  start: async () => {
    // Imported here, so that the direct run needs no gateway.
    const { startGovernedDemo } = await import('../setup/governed-demo.ts');
    const demo = await startGovernedDemo({ config: 'conformance' });
    return { url: demo.mcpUrl, close: () => demo.close() };
  },
};
