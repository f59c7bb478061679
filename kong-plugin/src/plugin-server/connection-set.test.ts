import { afterEach, describe, expect, it } from 'vitest';
import { KongClient } from './testing/kong-client.ts';
import { startTestServer, type TestServer } from './testing/test-server.ts';

describe('connections of a plugin server that was replaced', () => {
  let running: TestServer | undefined;
  let client: KongClient | undefined;
  afterEach(async () => {
    client?.close();
    await running?.close();
  });

  const start = async () => {
    const test = await startTestServer({ plugin: { access: (kong) => kong.request?.getMethod?.() } });
    running = test;
    client = await KongClient.connect(test.socketPath);
    const instanceId = await client.startInstance({ name: 'mcp-governance' });
    return { ...test, client, instanceId };
  };

  it('end at once where Kong waits for nothing', async () => {
    const { connections } = await start();
    expect(connections.size).toBe(1);
    connections.leave();
    await expect.poll(() => connections.size).toBe(0);
  });

  it('end after the last message of a phase that has begun', async () => {
    const { connections, client: kong, instanceId } = await start();
    const seen: number[] = [];
    const pdk = {
      'kong.request.get_method': async () => {
        connections.leave();
        await new Promise((resolve) => setTimeout(resolve, 50));
        seen.push(connections.size);
        return 'GET';
      },
    };
    expect(await kong.handleEvent({ instanceId, phase: 'access', pdk })).toMatchObject({ kind: 'returned' });
    expect(seen).toEqual([1]);
    await expect.poll(() => connections.size).toBe(0);
  });

  it('that come later end after their first answer', async () => {
    const { connections, socketPath } = await start();
    connections.leave();
    await expect.poll(() => connections.size).toBe(0);
    const late = await KongClient.connect(socketPath);
    await expect.poll(() => connections.size).toBe(0);
    late.close();
  });
});
