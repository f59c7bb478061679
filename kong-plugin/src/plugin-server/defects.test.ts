import fs from 'node:fs/promises';
import path from 'node:path';
import { encode } from '@msgpack/msgpack';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { KongFunction } from './plugin-contract.ts';
import { launcher, startProcess, stockLauncher, waitForSocket, writePlugin } from './testing/child-process.ts';
import { KongClient } from './testing/kong-client.ts';
import { encodeRequest, KongConnection } from './testing/kong-connection.ts';
import type { TestPlugin, TestServer } from './testing/test-server.ts';
import { makeDirectory, startTestServer } from './testing/test-server.ts';

/** One test per defect of kong-pdk 0.6.0's plugin server that a real Kong 3.9.1 showed, in the order they were found. */

let server: TestServer;
let client: KongClient;
let instanceId: number;

const start = async (plugin: TestPlugin) => {
  server = await startTestServer({ plugin });
  client = await KongClient.connect(server.socketPath);
  instanceId = await client.startInstance({ name: 'mcp-governance' });
};

afterEach(async () => {
  client?.close();
  await server?.close();
});

/** Opens an event whose handler waits for the answer to one call; returns the bytes of that answer. */
async function openEvent(
  connection: KongConnection,
  { data, dataFirst = true }: { data: unknown; dataFirst?: boolean },
) {
  await connection.send('plugin.HandleEvent', { InstanceId: instanceId, EventName: 'access' });
  const answer = (await connection.receive())?.result as { readonly EventId: number };
  const { EventId } = answer;
  const step = dataFirst ? { Data: data, EventId } : { EventId, Data: data };
  return Buffer.from(encodeRequest(2, 'plugin.Step', [step]));
}

const readBody = async (kong: KongFunction) => {
  const body = (await kong.request?.getRawBody?.(0)) as Buffer;
  await kong.log?.notice?.(body.length, body.at(-1));
};

describe('defect 1: a message cut at an element boundary killed the process', () => {
  it('answers at every cut of a step, in two pieces, Data first and EventId first', async () => {
    await start({ access: readBody });
    for (const dataFirst of [true, false]) {
      const length = (
        await openEvent(await KongConnection.open(server.socketPath), { data: Buffer.from('{}'), dataFirst })
      ).length;
      for (let offset = 1; offset < length; offset += 1) {
        const connection = await KongConnection.open(server.socketPath);
        const step = await openEvent(connection, { data: Buffer.from('{}'), dataFirst });
        await connection.write(step.subarray(0, offset));
        await new Promise((resolve) => setImmediate(resolve));
        await connection.write(step.subarray(offset));
        expect((await connection.receive())?.result).toMatchObject({
          Data: { Method: 'kong.log.notice', Args: [2, 125] },
        });
        connection.close();
      }
    }
  });

  it.each([65_502, 65_503, 65_511, 131_038, 131_039, 131_047])(
    'answers a body of %i bytes, which fills node’s 64 KiB reads exactly',
    async (bytes) => {
      await start({ access: readBody });
      const body = Buffer.alloc(bytes, 7);
      const outcome = await client.handleEvent({
        instanceId,
        phase: 'access',
        pdk: { 'kong.request.get_raw_body': () => body },
      });
      expect(outcome).toMatchObject({ kind: 'returned', calls: [{}, { Args: [bytes, 7] }] });
    },
  );
});

describe('defect 2: an answer that is a list of 100,000 numbers killed the process', () => {
  it.each([
    ['access', 'kong.request.get_body', (kong: KongFunction) => kong.request?.getBody?.()],
    ['response', 'kong.service.response.get_body', (kong: KongFunction) => kong.service?.response?.getBody?.()],
  ])('delivers 200,000 numbers to the %s handler from %s', async (phase, method, getBody) => {
    const handler = async (kong: KongFunction) => {
      const list = (await getBody(kong)) as readonly number[];
      await kong.log?.notice?.(list.length, list.at(-1));
    };
    await start({ access: handler, response: handler });
    const list = Array.from({ length: 200_000 }, (_, index) => index);
    const outcome = await client.handleEvent({ instanceId, phase, pdk: { [method]: () => list } });
    expect(outcome).toMatchObject({ kind: 'returned', calls: [{}, { Args: [200_000, 199_999] }] });
  });
});

describe('defect 3: two messages in one chunk killed the process', () => {
  it('answers both', async () => {
    await start({ access: readBody });
    const connection = await KongConnection.open(server.socketPath);
    const status = encodeRequest(3, 'plugin.GetStatus', []);
    await connection.write(Buffer.concat([await openEvent(connection, { data: Buffer.from('{}') }), status]));
    const ids = [(await connection.receive())?.id, (await connection.receive())?.id];
    expect(ids.sort()).toEqual([2, 3]);
    connection.close();
  });
});

describe('defect 4: a reset connection or garbage killed the process', () => {
  it('lives when the peer resets the connection with the answer unread', async () => {
    await start({ access: readBody });
    for (let count = 0; count < 20; count += 1) {
      const connection = await KongConnection.open(server.socketPath);
      connection.socket.write(encodeRequest(1, 'plugin.GetStatus', []));
      connection.socket.write(encodeRequest(2, 'plugin.GetPluginInfo', ['mcp-governance']));
      connection.close();
    }
    expect(await client.call('GetStatus')).toBeDefined();
  });

  it.each([
    ['an HTTP request', Buffer.from('GET / HTTP/1.1\r\n\r\n')],
    ['byte 0xc1', Buffer.from([0xc1])],
    ['a str of 4 GB', Buffer.from([0xdb, 0xff, 0xff, 0xff, 0xff])],
    ['a response', Buffer.from(encode([1, 1, null, null]))],
    ['random bytes', Buffer.from('93c41f8a00ff7b2d8133', 'hex')],
    ['a timestamp of the wrong size', Buffer.from('940001a16d91c705ff0102030405', 'hex')],
  ])('closes only the connection that sent %s', async (_name, garbage) => {
    await start({ access: readBody });
    const connection = await KongConnection.open(server.socketPath);
    await connection.write(garbage);
    connection.socket.end();
    expect(await connection.receive()).toBeUndefined();
    expect(await client.call('GetStatus')).toBeDefined();
  });
});

describe('defect 5: a handler that throws let the request pass', () => {
  it('refuses the request', async () => {
    await start({ access: () => Promise.reject(new Error('bug')) });
    const outcome = await client.handleEvent({ instanceId, phase: 'access' });
    expect(outcome.calls[0]?.Args[0]).toBe(503);
    expect(outcome).toMatchObject({ kind: 'exited', exit: { Method: 'kong.response.exit' } });
  });
});

describe('defect 6: an entry per denial stayed for ever', () => {
  it.each([
    ['a handler that does nothing', () => undefined],
    ['a denial by kong.response.exit', (kong: KongFunction) => kong.response?.exit?.(403, 'no')],
    ['a denial that is not awaited', (kong: KongFunction) => void kong.response?.exit?.(403, 'no')],
    ['a denial by kong.mcp_guard.refuse', (kong: KongFunction) => kong['mcp_guard']?.refuse?.(403, '{}', {}, '')],
    ['kong.response.error', (kong: KongFunction) => kong.response?.error?.(400)],
    ['a handler that throws', () => Promise.reject(new Error('bug'))],
  ])('keeps 0 of 500 events of %s', async (_name, access) => {
    await start({ access });
    for (let count = 0; count < 500; count += 1) await client.handleEvent({ instanceId, phase: 'access' });
    expect(server.server.openEvents).toBe(0);
  });
});

describe('defect 7: every call’s parameters were turned into JSON', () => {
  it('never serialises or logs the parameters, even at level debug', async () => {
    await start({ access: readBody });
    const stringify = vi.spyOn(JSON, 'stringify');
    const body = Buffer.from('secret-payload '.repeat(70_000));
    await client.handleEvent({ instanceId, phase: 'access', pdk: { 'kong.request.get_raw_body': () => body } });
    const longest = Math.max(...stringify.mock.results.map(({ value }) => String(value).length));
    stringify.mockRestore();
    expect(longest).toBeLessThan(1_000);
    expect(server.logLines.join('')).toContain('plugin.Step');
    expect(server.logLines.join('')).not.toContain('secret-payload');
  });
});

describe('defect 8: a restarted process gave the same ids to other configurations', () => {
  it('starts instance and event ids at random, within what Lua’s numbers hold', async () => {
    const seen = new Set<number>();
    for (let count = 0; count < 5; count += 1) {
      await start({ access: readBody });
      await openEvent(await KongConnection.open(server.socketPath), { data: 1 });
      const answer = await server.server.HandleEvent({ InstanceId: instanceId, EventName: 'access' });
      for (const id of [instanceId, answer.EventId]) {
        expect(Number.isSafeInteger(id)).toBe(true);
        seen.add(id);
      }
      client.close();
      await server.close();
    }
    expect(seen.size).toBe(10);
  });

  it('refuses ids of an earlier process: the instance starts again, and a step reaches no other event', async () => {
    await start({ access: readBody });
    const old = {
      instanceId,
      eventId: (await server.server.HandleEvent({ InstanceId: instanceId, EventName: 'access' })).EventId,
    };
    client.close();
    await server.close();
    await start({ access: readBody });
    await server.server.HandleEvent({ InstanceId: instanceId, EventName: 'access' });
    expect(await client.handleEvent({ instanceId: old.instanceId, phase: 'access' })).toMatchObject({
      error: `no plugin instance #${old.instanceId}`,
    });
    await expect(client.call('Step', { EventId: old.eventId, Data: Buffer.from('x') })).rejects.toThrow('not found');
  });

  it('keeps an instance that is not used for an hour: Kong restarts all of a plugin’s instances for one', async () => {
    vi.useFakeTimers({ toFake: ['Date', 'setInterval', 'clearInterval'] });
    await start({ access: () => undefined });
    vi.advanceTimersByTime(3_600_000);
    vi.useRealTimers();
    expect(await client.handleEvent({ instanceId, phase: 'access' })).toMatchObject({ kind: 'returned' });
  });
});

describe('defect 9: errors of Kong never reached the handler', () => {
  it('rejects the call when Kong sends an error', async () => {
    await start({
      access: (kong) => kong.request?.getRawBody?.().catch((error: Error) => kong.log?.err?.(error.message)),
    });
    const connection = await KongConnection.open(server.socketPath);
    await connection.send('plugin.HandleEvent', { InstanceId: instanceId, EventName: 'access' });
    const { EventId } = (await connection.receive())?.result as { readonly EventId: number };
    await connection.send('plugin.StepError', { EventId, Data: 'did not fit' });
    const next = (await connection.receive())?.result;
    expect(JSON.stringify(next)).toContain('kong.request.get_raw_body failed:  did not fit');
    connection.close();
  });

  it('gives undefined for nil, as Kong sends (nil, error) too', async () => {
    await start({ access: async (kong) => kong.log?.notice?.(typeof (await kong.request?.getRawBody?.())) });
    const outcome = await client.handleEvent({ instanceId, phase: 'access' });
    expect(outcome).toMatchObject({ calls: [{}, { Args: ['undefined'] }] });
  });
});

describe('defect 11: calls after kong.response.exit waited for ever', () => {
  it('rejects them, and Kong sees only the exit', async () => {
    const errors: string[] = [];
    const access = async (kong: KongFunction) => {
      void kong.response?.exit?.(403, 'no');
      await kong.ctx?.shared?.set?.('mcp_verdict', {}).catch((error: Error) => errors.push(error.message));
    };
    await start({ access });
    const outcome = await client.handleEvent({ instanceId, phase: 'access' });
    expect(outcome).toMatchObject({ kind: 'exited', calls: [{ Method: 'kong.response.exit' }] });
    expect(errors).toEqual(['kong.ctx.shared.set was called after the request had ended']);
  });

  it('never runs the code after an awaited exit or refusal', async () => {
    const ran: string[] = [];
    const access = async (kong: KongFunction) => {
      await kong['mcp_guard']?.refuse?.(403, '{}', {}, '');
      ran.push('after');
    };
    await start({
      access,
      response: async (kong) => {
        await kong.response?.exit?.(502);
        ran.push('after');
      },
    });
    for (const phase of ['access', 'response']) {
      expect(await client.handleEvent({ instanceId, phase })).toMatchObject({ kind: 'exited' });
    }
    await new Promise((resolve) => setImmediate(resolve));
    expect(ran).toEqual([]);
  });

  it('gives undefined for a PDK function that Kong does not know', async () => {
    await start({ access: async (kong) => kong.log?.notice?.(typeof (await kong.request?.getNothing?.())) });
    expect(await client.handleEvent({ instanceId, phase: 'access' })).toMatchObject({
      calls: [{}, { Args: ['undefined'] }],
    });
  });
});

describe('a defect found here: a header or query argument named __proto__ killed the process', () => {
  it('delivers the other headers', async () => {
    const access = async (kong: KongFunction) => {
      const headers = (await kong.request?.getHeaders?.()) as Readonly<Record<string, unknown>>;
      await kong.log?.notice?.(headers['host'], Object.keys(headers).length);
    };
    await start({ access });
    const headers: unknown = JSON.parse('{"__proto__":"x","host":"a"}');
    const outcome = await client.handleEvent({
      instanceId,
      phase: 'access',
      pdk: { 'kong.request.get_headers': () => headers },
    });
    expect(outcome).toMatchObject({ kind: 'returned', calls: [{}, { Args: [['a'], 2] }] });
  });
});

describe('the same bytes, sent to the launcher and to kong-pdk’s own server as processes', () => {
  let directory: string;
  beforeEach(async () => {
    directory = await makeDirectory();
  });
  afterEach(async () => {
    await fs.rm(directory, { recursive: true, force: true });
  });

  const source = `exports.Plugin = class { async access(kong) { await kong.request.getHeaders() } };`;
  const step = (id: number, data: unknown) =>
    Buffer.from(encodeRequest(2, 'plugin.Step', [{ Data: data, EventId: id }]));
  const status = encodeRequest(3, 'plugin.GetStatus', []);
  const attacks: readonly (readonly [string, (id: number) => readonly Uint8Array[]])[] = [
    ['a message cut at an element boundary', (id) => [step(id, 'x').subarray(0, 15), step(id, 'x').subarray(15)]],
    ['two messages in one chunk', (id) => [Buffer.concat([step(id, 'x'), status])]],
    ['garbage', () => [Buffer.from([0xc1])]],
    ['a header named __proto__', (id) => [step(id, JSON.parse('{"__proto__":["x"]}'))]],
  ];

  async function attack(script: string, messages: (id: number) => readonly Uint8Array[]): Promise<'lives' | 'dies'> {
    const plugins = await writePlugin(directory, { name: 'victim', source });
    const child = startProcess(script, ['-p', directory, '-d', plugins, '--sock-name', 'k']);
    const socketPath = path.join(directory, 'k');
    await waitForSocket(child, socketPath);
    const kong = await KongClient.connect(socketPath);
    const id = await kong.startInstance({ name: 'victim' });
    const connection = await KongConnection.open(socketPath);
    await connection.send('plugin.HandleEvent', { InstanceId: id, EventName: 'access' });
    const { EventId } = (await connection.receive())?.result as { readonly EventId: number };
    for (const message of messages(EventId)) {
      await connection.write(message);
      await kong.call('GetStatus').catch(() => undefined);
    }
    const survived = await kong.call('GetStatus').then(
      () => true,
      () => false,
    );
    connection.close();
    kong.close();
    child.child.kill('SIGKILL');
    await child.finished;
    return survived ? 'lives' : 'dies';
  }

  it.each(attacks)('after %s ours lives', async (_name, messages) => {
    expect(await attack(launcher, messages)).toBe('lives');
  });

  it.each(attacks)('after %s kong-pdk’s own dies, so these tests test something', async (_name, messages) => {
    expect(await attack(stockLauncher, messages)).toBe('dies');
  });
});
