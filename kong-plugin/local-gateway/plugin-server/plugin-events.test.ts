import path from 'node:path';
import { encode } from '@msgpack/msgpack';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { LuaError } from '../shared/errors.ts';
import type { LuaData } from '../shared/lua-data.ts';
import type { PluginConfig } from '../shared/plugin-config.ts';
import {
  startFakePluginServer,
  type FakePluginServer,
  type RpcMessage,
  type RpcReply,
} from '../testing/fake-plugin-server.ts';
import { makeDirectory } from '../testing/test-gateway.ts';
import { ConnectionPool } from './connection-pool.ts';
import { PluginEvents } from './plugin-events.ts';
import { PluginInstances } from './plugin-instances.ts';
import { RpcClient } from './rpc-client.ts';

const config = (sequence: number, id = 'p1'): PluginConfig => ({
  title: 'a/b',
  __plugin_id: id,
  __key__: 'plugins:x:::::',
  __seq__: sequence,
  __ws_id: 'w',
});

const READ_TIMEOUT_MS = 100;

describe('events in a plugin server', () => {
  let server: FakePluginServer;
  let reply: (message: RpcMessage) => RpcReply;
  let pool: ConnectionPool;
  let events: PluginEvents;
  let lines: string[];
  let started: number;

  beforeEach(async () => {
    lines = [];
    started = 0;
    reply = ([, , method]) =>
      method === 'plugin.StartInstance' ? { result: { Id: (started += 1) } } : { result: { Data: 'ret', EventId: 0 } };
    server = await startFakePluginServer(path.join(makeDirectory(), 's'), (message) => reply(message));
    pool = new ConnectionPool(server.socket);
    const client = new RpcClient(pool, READ_TIMEOUT_MS);
    const instances = new PluginInstances('demo', client);
    events = new PluginEvents({
      client,
      instances,
      forgetInstances: () => instances.forgetAll(),
      log: (line) => lines.push(line),
    });
  });
  afterEach(async () => {
    pool.close();
    await server.close();
  });

  const nothing = (): LuaData => undefined;
  const sent = (): readonly unknown[] =>
    server.received.map(({ message: [, id, method, [argument]] }) => [id, method, argument]);

  it("starts an instance once, with the configuration as JSON in Lua's spelling, and counts its messages from 1", async () => {
    await events.handle('access', config(1), nothing);
    await events.handle('log', config(1), nothing);
    expect(sent()).toStrictEqual([
      [1, 'plugin.StartInstance', { Name: 'demo', Config: expect.stringContaining('"title":"a\\/b"') as string }],
      [2, 'plugin.HandleEvent', { InstanceId: 1, EventName: 'access' }],
      [3, 'plugin.HandleEvent', { InstanceId: 1, EventName: 'log' }],
    ]);
  });

  it('starts one instance for two requests that come at once', async () => {
    await Promise.all([events.handle('access', config(1), nothing), events.handle('access', config(1), nothing)]);
    expect(started).toBe(1);
  });

  it('starts a new instance for a new configuration and closes the old one (transcript config-reload)', async () => {
    await events.handle('access', config(1), nothing);
    await events.handle('access', config(2), nothing);
    expect(sent().slice(2)).toStrictEqual([
      [3, 'plugin.StartInstance', expect.anything()],
      [4, 'plugin.CloseInstance', 1],
      [5, 'plugin.HandleEvent', { InstanceId: 2, EventName: 'access' }],
    ]);
  });

  it('starts the instance again and repeats the event when the server does not know it (transcript error-unknown-instance)', async () => {
    await events.handle('access', config(1), nothing);
    const usual = reply;
    let isForgotten = true;
    reply = (message) => {
      if (!isForgotten || message[2] !== 'plugin.HandleEvent') return usual(message);
      isForgotten = false;
      return { error: 'No plugin instance #1' };
    };
    await events.handle('access', config(1), nothing);
    expect(sent().slice(2)).toStrictEqual([
      [3, 'plugin.HandleEvent', { InstanceId: 1, EventName: 'access' }],
      [4, 'plugin.StartInstance', expect.anything()],
      [5, 'plugin.HandleEvent', { InstanceId: 2, EventName: 'access' }],
    ]);
  });

  it('is a Lua error when the instance cannot be started, and tries again with the next event (transcript error-start-instance)', async () => {
    const usual = reply;
    reply = () => ({ error: 'invalid policy: title' });
    await expect(events.handle('access', config(1), nothing)).rejects.toThrow(new LuaError('invalid policy: title'));
    reply = usual;
    await events.handle('log', config(1), nothing);
    expect(sent().map((message) => (message as readonly unknown[])[1])).toStrictEqual([
      'plugin.StartInstance',
      'plugin.StartInstance',
      'plugin.HandleEvent',
    ]);
  });

  it('logs any other error and lets the request go on', async () => {
    await events.handle('access', config(1), nothing);
    reply = () => ({ error: 'boom' });
    await events.handle('access', config(1), nothing);
    expect(lines).toStrictEqual(['[plugin server] access: boom']);
  });

  it('goes on when no answer comes in time, and the late answer closes its connection instead of reaching another call', async () => {
    await events.handle('access', config(1), nothing);
    const usual = reply;
    let late: RpcMessage | undefined;
    reply = (message) => {
      late = message;
      return undefined;
    };
    await events.handle('access', config(1), nothing);
    expect(lines).toStrictEqual(['[plugin server] access: no data']);
    reply = usual;
    expect(late?.[1]).toBe(3);
    await events.handle('access', config(1), nothing);
    // Kong puts the connection with its unanswered request back, and uses it for the next call.
    expect(server.received.map(({ connection }) => connection)).toStrictEqual([1, 1, 1, 1]);
  });

  it('is a Lua error when the answer belongs to another call', async () => {
    const odd = await startFakePluginServer(path.join(makeDirectory(), 'o'), (message, connection) => {
      connection.write(encode([1, message[1] + 1, null, {}]));
      return undefined;
    });
    const client = new RpcClient(new ConnectionPool(odd.socket), READ_TIMEOUT_MS);
    await expect(client.call('plugin.GetStatus')).rejects.toThrow('unexpected RPC response ID');
    await odd.close();
  });

  it('skips notifications and reads an answer that comes in pieces', async () => {
    const pieces = await startFakePluginServer(path.join(makeDirectory(), 'n'), (message, connection) => {
      const bytes = encode([1, message[1], null, { Data: 'ret', EventId: 5, text: 'x'.repeat(70_000) }]);
      connection.write(encode([2, 'serverPid', 7]));
      connection.write(bytes.subarray(0, 1));
      setImmediate(() => connection.write(bytes.subarray(1)));
      return undefined;
    });
    const nearby = new ConnectionPool(pieces.socket);
    const answer = await new RpcClient(nearby, 5_000).call('plugin.HandleEvent', {});
    expect(answer).toMatchObject({ ok: true, value: { EventId: 5 } });
    nearby.close();
    await pieces.close();
  });

  it('fails with "connection refused" words while the server is away, once per event', async () => {
    await events.handle('access', config(1), nothing);
    pool.close();
    await server.close();
    await events.handle('access', config(1), nothing);
    await events.handle('log', config(1), nothing);
    expect(lines).toStrictEqual([
      '[plugin server] access: no such file or directory',
      '[plugin server] log: no such file or directory',
    ]);
    server = await startFakePluginServer(path.join(makeDirectory(), 's'), () => undefined);
  });

  it.each([
    ['kong.client.get_consumer', { id: 'c' }, 'plugin.StepConsumer', { id: 'c' }],
    ['kong.client.get_credential', undefined, 'plugin.StepCredential', undefined],
    ['kong.router.get_route', { id: 'r' }, 'plugin.StepRoute', { id: 'r' }],
    ['kong.router.get_service', { id: 's' }, 'plugin.StepService', { id: 's' }],
    ['kong.request.get_headers', {}, 'plugin.StepMultiMap', {}],
    ['kong.request.get_headers', { a: 'x', b: ['y', 'z'] }, 'plugin.StepMultiMap', { a: ['x'], b: ['y', 'z'] }],
    ['kong.request.get_query', { flag: true, e: '' }, 'plugin.StepMultiMap', { flag: [], e: [''] }],
    ['kong.request.get_raw_body', '', 'plugin.Step', Buffer.alloc(0)],
    ['kong.request.get_method', 'GET', 'plugin.Step', 'GET'],
    ['kong.ctx.shared.get', false, 'plugin.Step', false],
    ['kong.ctx.shared.get', {}, 'plugin.Step', []],
    ['kong.ctx.shared.get', { _method: 'plugin.StepOdd' }, 'plugin.StepOdd', { _method: 'plugin.StepOdd' }],
  ])('answers %s with %j through %s', async (method, result, step, data) => {
    const usual = reply;
    reply = (message) =>
      message[2] === 'plugin.HandleEvent'
        ? { result: { Data: { Method: method, Args: [] }, EventId: 9 } }
        : usual(message);
    await events.handle('access', config(1), () => result);
    const [, , name, [argument]] = server.received.at(-1)?.message ?? [0, 0, '', []];
    expect(name).toBe(step);
    expect(argument).toStrictEqual(data === undefined ? { EventId: 9 } : { EventId: 9, Data: data });
  });

  it('loses the connection whose message could not be packed, and tells the server nothing (transcript error-body-too-large)', async () => {
    const usual = reply;
    reply = (message) =>
      message[2] === 'plugin.HandleEvent'
        ? { result: { Data: { Method: 'kong.request.get_raw_body', Args: [] }, EventId: 1 } }
        : usual(message);
    await expect(events.handle('access', config(1), nothing)).rejects.toThrow(LuaError);
    reply = usual;
    await events.handle('log', config(1), nothing);
    // Message 3 was never sent, and message 4 went out on a new connection.
    expect(server.received.map(({ connection, message }) => [connection, message[1]])).toStrictEqual([
      [1, 1],
      [1, 2],
      [2, 4],
    ]);
  });

  it('gives PDK functions nil for MessagePack nil, and Lua strings for bin', async () => {
    const usual = reply;
    const seen: unknown[] = [];
    reply = (message) =>
      message[2] === 'plugin.HandleEvent'
        ? {
            result: {
              Data: {
                Method: 'kong.x.y',
                Args: [{ nul: null, text: Buffer.from('é'), raw: Uint8Array.of(0xff) }, null],
              },
              EventId: 1,
            },
          }
        : usual(message);
    await events.handle('access', config(1), (_method, parameters) => {
      seen.push(...parameters);
      return undefined;
    });
    expect(seen).toStrictEqual([{ text: 'é', raw: Buffer.of(0xff) }, undefined]);
  });
});
