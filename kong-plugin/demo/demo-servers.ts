import { startDemoMcpServer } from './mcp-server/demo-mcp-server.ts';
import { startDemoRestApi } from './rest-api/demo-rest-api.ts';

/** The ports that kong.yml names. */
const mcp = await startDemoMcpServer({ port: 9101 });
const rest = await startDemoRestApi({ port: 9102 });
console.log(`MCP server on ${mcp.url}, REST API on ${rest.url}. Stop with Ctrl-C.`);
