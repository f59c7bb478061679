import { afterEach, expect, it } from 'vitest';
import { parseKongLogLine } from '../../kong-plugin/src/domain/records/read-kong-log.ts';
import { waitFor } from '../setup/governed-demo.ts';
import { consumers, governance, guard, keyAuth, service } from './harness/declarative.ts';
import { callTool, isServed } from './harness/mcp-client.ts';
import { startMcpUpstream } from './harness/mcp-upstream.ts';
import { startTestGateway, type TestGateway } from './harness/test-gateway.ts';

const started: { close(): Promise<void> }[] = [];
const keep = <Part extends { close(): Promise<void> }>(part: Part): Part => {
  started.unshift(part);
  return part;
};

afterEach(async () => {
  for (const part of started.splice(0)) await part.close();
});

/** What file-log does: one line of JSON a request. */
const fileLog = {
  name: 'post-function',
  config: { log: ['kong.log.notice("LINE" .. require("cjson").encode(kong.log.serialize()))'] },
};

const logLines = (gateway: TestGateway): readonly string[] =>
  gateway.lines.flatMap((line) => {
    const [, logged] = /LINE(\{.*\})/.exec(line) ?? [];
    return logged === undefined ? [] : [logged];
  });

it("Kong's own log holds every record, also of calls whose record the dead plugin server never wrote", async () => {
  const upstream = keep(await startMcpUpstream());
  const declarative = {
    services: [service({ url: upstream.url, plugins: [keyAuth, governance(['search_orders']), guard, fileLog] })],
    consumers,
  };
  const gateway = keep(await startTestGateway({ declarative }));
  expect(isServed(await callTool(gateway.proxyUrl, 'search_orders', { id: 1 }))).toBe(true);
  await callTool(gateway.proxyUrl, 'delete_order', { id: 2 });
  await gateway.recordWhere(({ jsonRpcId }) => jsonRpcId === 2);
  // Dead before its log phase: the record is lost, the line is not.
  upstream.answerWith((call, outgoing) => {
    gateway.signal('SIGKILL');
    outgoing.writeHead(200, { 'content-type': 'application/json' });
    outgoing.end(JSON.stringify({ jsonrpc: '2.0', id: call.id, result: { content: [], isError: true } }));
  });
  expect((await callTool(gateway.proxyUrl, 'search_orders', { id: 3 })).status).toBe(200);
  expect((await callTool(gateway.proxyUrl, 'search_orders', { id: 4 })).status).toBe(503);

  const lines = await waitFor(() => (logLines(gateway).length >= 4 ? logLines(gateway) : undefined));
  const recovered = lines.map((line) => {
    const read = parseKongLogLine(line, { server: 'orders' });
    if (!read.ok) throw new Error(JSON.stringify(read.error));
    return read.value;
  });
  const written = gateway.records();
  expect(written.map(({ jsonRpcId }) => jsonRpcId)).toEqual([1, 2]);
  expect(recovered.filter(({ id }) => written.some((record) => record.id === id))).toEqual(written);
  expect(recovered.map(({ outcome, tool, decision }) => [outcome, tool, decision])).toEqual([
    ['ok', 'search_orders', 'allow'],
    ['refused', 'delete_order', 'deny'],
    ['tool_error', 'search_orders', 'allow'],
    ['guard_refused', undefined, 'deny'],
  ]);
  expect(recovered[2]).toMatchObject({ jsonRpcId: 3, tenant: 'acme', consumer: 'alice' });
});
