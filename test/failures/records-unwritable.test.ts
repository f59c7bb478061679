import { mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { waitFor } from '../setup/governed-demo.ts';
import { governed } from './harness/declarative.ts';
import { callTool, isServed, listTools } from './harness/mcp-client.ts';
import { startMcpUpstream, type McpUpstream } from './harness/mcp-upstream.ts';
import { makePrefix, startTestGateway, type TestGateway } from './harness/test-gateway.ts';

let upstream: McpUpstream;
let prefix: string;
let folder: string;
let file: string;
let gateway: TestGateway | undefined;

beforeEach(async () => {
  upstream = await startMcpUpstream();
  prefix = makePrefix();
  folder = path.join(prefix, 'mcp-governance');
  file = path.join(folder, 'invocations.jsonl');
});

afterEach(async () => {
  await gateway?.close();
  gateway = undefined;
  await upstream.close();
});

const start = async (): Promise<TestGateway> => {
  gateway = await startTestGateway({ declarative: governed(upstream.url), prefix });
  return gateway;
};

/** Served again after the mending: the sink tries its file once a second. */
const expectRecovery = async (running: TestGateway): Promise<void> => {
  await waitFor(async () => (isServed(await callTool(running.proxyUrl, 'search_orders')) ? true : undefined));
  expect((await running.recordWhere(({ outcome }) => outcome === 'ok')).tool).toBe('search_orders');
};

describe('a call that cannot be recorded does not run', () => {
  // Running as root, a read-only folder would take writes all the same; these take none from anybody.
  it.each([
    {
      title: 'the path is a folder: 503',
      status: 503,
      breakIt: () => mkdirSync(file, { recursive: true }),
      mend: () => rmSync(file, { recursive: true }),
    },
    {
      // The node's session key belongs into the same folder: without it the plugin does not even start.
      title: 'a file is in the place of the folder: 500',
      status: 500,
      breakIt: () => writeFileSync(folder, 'not a folder'),
      mend: () => rmSync(folder),
    },
  ])('$title from the first request on, the log says why, served again when mended', async (broken) => {
    broken.breakIt();
    const running = await start();

    for (let attempt = 0; attempt < 3; attempt += 1) {
      expect((await callTool(running.proxyUrl, 'search_orders')).status).toBe(broken.status);
      expect((await callTool(running.proxyUrl, 'delete_order')).status).toBe(broken.status);
      expect((await listTools(running.proxyUrl)).status).toBe(broken.status);
    }
    expect(upstream.received).toEqual([]);
    expect(running.lines.filter((line) => /EISDIR|ENOTDIR|EEXIST/.test(line)).length).toBeGreaterThan(0);

    broken.mend();
    await expectRecovery(running);
    expect(upstream.callsOf('delete_order')).toBe(0);
  });

  it('the file becomes unwritable later: refused after at most the one call that found out, and no record is lost', async () => {
    const running = await start();
    expect(isServed(await callTool(running.proxyUrl, 'search_orders', { id: 100 }))).toBe(true);
    await running.recordWhere(({ jsonRpcId }) => jsonRpcId === 100);
    renameSync(file, `${file}.1`);
    mkdirSync(file);

    const finder = await callTool(running.proxyUrl, 'search_orders', { id: 101 });
    expect(isServed(finder)).toBe(true);
    await waitFor(async () =>
      (await callTool(running.proxyUrl, 'delete_order', { id: 102 })).status === 503 ? true : undefined,
    );
    expect((await callTool(running.proxyUrl, 'search_orders', { id: 103 })).status).toBe(503);
    expect((await listTools(running.proxyUrl, { id: 104 })).status).toBe(503);
    expect(upstream.received.map(({ id }) => id)).toEqual([100, 101]);
    expect(running.lines.some((line) => line.includes('records cannot be written') && line.includes('EISDIR'))).toBe(
      true,
    );

    rmSync(file, { recursive: true });
    await waitFor(async () =>
      isServed(await callTool(running.proxyUrl, 'search_orders', { id: 105 })) ? true : undefined,
    );
    await running.recordWhere(({ jsonRpcId }) => jsonRpcId === 105);
    const written = running.records().map(({ jsonRpcId, outcome }) => `${String(jsonRpcId)} ${outcome}`);
    expect(written).toContain('101 ok');
    expect(written).toContain('105 ok');
  });
});
