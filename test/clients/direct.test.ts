import { afterAll, beforeAll } from 'vitest';
import { type DemoMcpServer, startDemoMcpServer } from '../../kong-plugin/demo/mcp-server/demo-mcp-server.ts';
import { clientSuite } from './client-suite.ts';

let server: DemoMcpServer;
beforeAll(async () => {
  server = await startDemoMcpServer({ port: 0 });
});
afterAll(async () => {
  await server.close();
});

clientSuite({
  name: 'directly against the demo server',
  target: () => ({ url: server.url, headers: {} }),
  calls: () => server.calls,
});
