import { parseArgs } from 'node:util';
import { startDemoMcpServer } from './mcp-server/demo-mcp-server.ts';

const { values } = parseArgs({
  options: {
    port: { type: 'string', default: '9101' },
    host: { type: 'string', default: '127.0.0.1' },
    'allow-host': { type: 'string', multiple: true, default: [] },
  },
});

const server = await startDemoMcpServer({
  port: Number(values.port),
  host: values.host,
  allowedHosts: values['allow-host'],
});
console.log(`MCP demo server: ${server.url} (all tools), ${server.businessUrl} (business tools only)`);

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => void server.close().then(() => process.exit(0)));
}
