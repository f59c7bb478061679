import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { afterEach, describe, expect, it } from 'vitest';
import { ABANDONED_AFTER_MS, HANDLER_DEADLINE_MS } from './event-table.ts';
import type { JudgedRequest, Judgement, KongFunction } from './plugin-contract.ts';
import { KongClient } from './testing/kong-client.ts';
import { KongConnection } from './testing/kong-connection.ts';
import type { TestServer, TestServerOptions } from './testing/test-server.ts';
import { startTestServer } from './testing/test-server.ts';

const started: { readonly server: TestServer; readonly client: KongClient }[] = [];

afterEach(async () => {
  for (const { server, client } of started.splice(0)) {
    client.close();
    await server.close();
  }
});

async function start(options: TestServerOptions, config: Readonly<Record<string, unknown>> = {}) {
  const server = await startTestServer(options);
  const client = await KongClient.connect(server.socketPath);
  started.push({ server, client });
  const instanceId = await client.startInstance({ name: 'mcp-governance', config });
  return { server, client, instanceId };
}

const refusal = (status: number, message: string) => ({
  Method: 'kong.response.exit',
  Args: [
    status,
    `{"jsonrpc":"2.0","id":null,"error":{"code":-32603,"message":"${message}"}}`,
    { 'content-type': 'application/json' },
  ],
});
const requestRefused = refusal(503, 'Governance is unavailable: the request was refused.');
const answerWithheld = refusal(502, 'Governance is unavailable: the answer was withheld.');

const turn = () => new Promise((resolve) => setImmediate(resolve));

describe('GovernanceServer, when a handler fails,', () => {
  const notAnError = 'bug' as unknown as Error;
  const failures: readonly (readonly [string, (kong: KongFunction) => unknown])[] = [
    [
      'throws',
      () => {
        throw new Error('bug');
      },
    ],
    ['rejects', () => Promise.reject(new Error('bug'))],
    [
      'rejects after a call',
      async (kong) => {
        await kong.request?.getMethod?.();
        throw new Error('bug');
      },
    ],
    ['rejects with a text', () => Promise.reject(notAnError)],
    ['calls what does not exist', () => (undefined as unknown as { call(): void }).call()],
  ];

  it.each(failures)('refuses the request with 503 when access %s', async (_name, access) => {
    const { client, instanceId, server } = await start({ plugin: { access } });
    const outcome = await client.handleEvent({ instanceId, phase: 'access' });
    expect(outcome).toMatchObject({ kind: 'exited', exit: requestRefused });
    expect(server.server.openEvents).toBe(0);
  });

  it.each(failures)('withholds the answer with 502 when response %s', async (_name, response) => {
    const { client, instanceId } = await start({ plugin: { response } });
    expect(await client.handleEvent({ instanceId, phase: 'response' })).toMatchObject({ exit: answerWithheld });
  });

  it.each(failures)('ends the log phase as usual when log %s, and logs the error', async (_name, log) => {
    const { client, instanceId, server } = await start({ plugin: { log } });
    expect(await client.handleEvent({ instanceId, phase: 'log' })).toMatchObject({ kind: 'returned' });
    expect(server.logLines.filter((line) => line.includes('handler failed'))).toHaveLength(1);
  });

  it('sends the calls the handler made before, then the refusal', async () => {
    const access = (kong: KongFunction) => {
      void kong.log?.err?.('about to fail');
      throw new Error('bug');
    };
    const { client, instanceId } = await start({ plugin: { access } });
    const outcome = await client.handleEvent({ instanceId, phase: 'access' });
    expect(outcome.calls).toEqual([{ Method: 'kong.log.err', Args: ['about to fail'] }, requestRefused]);
  });

  it('refuses a phase that the plugin does not have, and never calls another method of it', async () => {
    const { client, instanceId } = await start({ plugin: { access: () => undefined } });
    for (const phase of ['rewrite', 'constructor', 'close', '__proto__']) {
      expect(await client.handleEvent({ instanceId, phase })).toMatchObject({ exit: requestRefused });
    }
  });

  it('does not answer a second time when a handler throws after its exit', async () => {
    const access = (kong: KongFunction) => {
      void kong.response?.exit?.(403, 'no');
      throw new Error('late');
    };
    const { client, instanceId, server } = await start({ plugin: { access } });
    const outcome = await client.handleEvent({ instanceId, phase: 'access' });
    expect(outcome).toMatchObject({ kind: 'exited', exit: { Method: 'kong.response.exit', Args: [403, 'no'] } });
    expect(server.logLines.some((line) => line.includes('failed after its request had ended'))).toBe(true);
  });

  it('logs the error with its frames but without the configuration’s secrets and the request’s data', async () => {
    const access = async (kong: KongFunction) => {
      const body = (await kong.request?.getRawBody?.()) as Buffer;
      if (body.length === 1) throw new Error('no connection to redis://:hunter22@db');
      JSON.parse(body.toString());
    };
    const schema = [{ url: { type: 'string', referenceable: true } }];
    const config = { url: 'redis://:hunter22@db' };
    const { client, instanceId, server } = await start({ plugin: { access, schema } }, config);
    for (const body of ['x', 'ssn 078-05-1120']) {
      await client.handleEvent({ instanceId, phase: 'access', pdk: { 'kong.request.get_raw_body': () => body } });
    }
    const log = server.logLines.join('');
    expect(log).toContain('no connection to [redacted]');
    expect(log).toMatch(/"stack":"at /);
    expect(log).not.toContain('hunter22');
    expect(log).not.toContain('078-05');
  });

  it('refuses a request whose handler lets Kong wait for 50 s, before Kong’s 60 s are over', async () => {
    const clock = { now: 0 };
    const plugin = { access: () => new Promise(() => undefined) };
    const { client, instanceId, server } = await start({ plugin, now: () => clock.now });
    const outcome = client.handleEvent({ instanceId, phase: 'access' });
    while (server.server.openEvents === 0) await turn();
    server.server.sweep();
    clock.now += HANDLER_DEADLINE_MS;
    server.server.sweep();
    expect(await outcome).toMatchObject({ kind: 'exited', exit: requestRefused });
    expect(server.server.openEvents).toBe(0);
  });
});

describe('GovernanceServer, asked by mcp-guard,', () => {
  const [BODY, TEXT] = [Buffer.from([0xff, 0x00]), Buffer.from('["id",{},"id"]')];
  const kindOf = (answer: unknown): unknown => (answer as readonly unknown[])[0];

  it('hands the facts to the plugin as bytes, and its judgement to the guard as it is', async () => {
    const heard: JudgedRequest[] = [];
    const judge = (request: JudgedRequest) => {
      heard.push(request);
      return Promise.resolve({ kind: 'admit' as const, text: '["é"]', admission: '{}' });
    };
    const { client, instanceId } = await start({ plugin: { judge } });
    const [kind, length, texts] = (await client.call('Judge', instanceId, BODY, TEXT)) as readonly [
      number,
      number,
      Uint8Array,
    ];
    expect([kind, length, Buffer.from(texts).toString()]).toEqual([1, 6, '["é"]{}']);
    expect(heard.map(({ text, body }) => [Buffer.from(text), Buffer.from(body)])).toEqual([[TEXT, BODY]]);
  });

  it('says that it does not know an instance: Kong starts it again', async () => {
    const { client, instanceId } = await start({ plugin: {} });
    expect(kindOf(await client.call('Judge', instanceId + 1, BODY, TEXT))).toBe(5);
  });

  it.each([
    ['throws', () => Promise.reject(new Error('bug about test-secret'))],
    ['cannot judge', undefined],
  ])('says that nobody judged when the plugin %s, and logs why', async (_, judge) => {
    const schema = [{ key: { type: 'string', encrypted: true } }];
    const plugin = { schema, ...(judge === undefined ? {} : { judge }) };
    const { client, instanceId, server } = await start({ plugin }, { key: 'test-secret' });
    expect(kindOf(await client.call('Judge', instanceId, BODY, TEXT))).toBe(6);
    const lines = server.logLines.filter((line) => line.includes('handler failed'));
    expect(lines).toHaveLength(1);
    expect(lines.join()).not.toContain('test-secret');
  });

  it('says so, too, where the facts came as text', async () => {
    const { client, instanceId } = await start({ plugin: { judge: () => Promise.resolve({ kind: 'ask' }) } });
    expect(kindOf(await client.call('Judge', instanceId, 'body', 'text'))).toBe(6);
  });

  it('closes an instance only when its last request is judged', async () => {
    const closed: unknown[] = [];
    let finish: () => void = () => undefined;
    const judge = () => new Promise<Judgement>((resolve) => (finish = () => resolve({ kind: 'ask' })));
    const { client, instanceId } = await start({ plugin: { judge, close: () => closed.push('closed') } });
    const judged = client.call('Judge', instanceId, BODY, TEXT);
    await turn();
    await client.call('CloseInstance', instanceId);
    expect(closed).toEqual([]);
    finish();
    expect(kindOf(await judged)).toBe(4);
    expect(closed).toEqual(['closed']);
  });
});

describe('GovernanceServer, about calls that cannot be sent,', () => {
  const cyclic: unknown[] = [];
  cyclic.push(cyclic);
  const values: readonly (readonly [string, unknown])[] = [
    ['a function', () => undefined],
    ['a bigint', 1n],
    ['a cycle', cyclic],
  ];

  it.each(values)('fails the call with %s, so that the request is refused', async (_name, value) => {
    const { client, instanceId } = await start({ plugin: { access: (kong) => kong.ctx?.shared?.set?.('k', value) } });
    expect(await client.handleEvent({ instanceId, phase: 'access' })).toMatchObject({ exit: requestRefused });
  });

  it('still refuses when the refusal itself has such a body', async () => {
    const { client, instanceId } = await start({ plugin: { access: (kong) => kong.response?.exit?.(403, 1n) } });
    expect(await client.handleEvent({ instanceId, phase: 'access' })).toMatchObject({ exit: requestRefused });
  });

  it('lets a handler that catches the error go on', async () => {
    const access = async (kong: KongFunction) => {
      await kong.ctx?.shared?.set?.('k', 1n).catch(() => kong.ctx?.shared?.set?.('k', 'fallback'));
    };
    const { client, instanceId } = await start({ plugin: { access } });
    const outcome = await client.handleEvent({ instanceId, phase: 'access' });
    expect(outcome).toEqual({ kind: 'returned', calls: [{ Method: 'kong.ctx.shared.set', Args: ['k', 'fallback'] }] });
  });
});

describe('GovernanceServer, about instances,', () => {
  it('returns the constructor’s error as the RPC error, without its secrets, and keeps nothing', async () => {
    const startInstance = (config: Readonly<Record<string, unknown>>) => {
      throw new Error(`invalid policy: token ${String(config['token'])}`);
    };
    const schema = [{ token: { type: 'string', referenceable: true } }];
    const server = await startTestServer({ plugin: { start: startInstance, schema } });
    const client = await KongClient.connect(server.socketPath);
    started.push({ server, client });
    const starting = client.startInstance({ name: 'mcp-governance', config: { token: 's3cret-token' } });
    await expect(starting).rejects.toThrow('invalid policy: token [redacted]');
    expect(server.logLines.join('')).not.toContain('s3cret-token');
    expect(await client.call('GetStatus')).toMatchObject({ Plugins: { 'mcp-governance': { Instances: [] } } });
  });

  it('does not quote a configuration that is not JSON', async () => {
    const { client } = await start({ plugin: {} });
    const request = { Name: 'mcp-governance', Config: 's3cret' };
    await expect(client.call('StartInstance', request)).rejects.toThrow('the configuration is not valid JSON');
  });

  it('lists the instances of a plugin in GetStatus, without their configurations', async () => {
    const { client, instanceId } = await start({ plugin: {} }, { token: 's3cret' });
    const status = await client.call('GetStatus');
    expect(status).toMatchObject({
      Plugins: { 'mcp-governance': { Instances: [{ Name: 'mcp-governance', Id: instanceId }] } },
    });
    expect(JSON.stringify(status)).not.toContain('s3cret');
  });

  it('forgets a closed instance, and says "no plugin instance" so that Kong starts it again', async () => {
    const { client, instanceId } = await start({ plugin: { access: () => undefined } });
    await client.call('CloseInstance', instanceId);
    const outcome = await client.handleEvent({ instanceId, phase: 'access' });
    expect(outcome).toMatchObject({ kind: 'rpc_error', error: `no plugin instance #${instanceId}` });
    await expect(client.call('CloseInstance', instanceId)).rejects.toThrow('no plugin instance');
  });

  it('calls close() of a replaced instance only when its last request is done', async () => {
    const closed: unknown[] = [];
    let release = () => undefined as void;
    const access = () => new Promise<void>((resolve) => (release = resolve));
    const plugin = { access, close: (config: object) => closed.push(config) };
    const { client, instanceId, server } = await start({ plugin }, { title: 'old' });
    const outcome = client.handleEvent({ instanceId, phase: 'access' });
    while (server.server.openEvents === 0) await turn();
    await client.call('CloseInstance', instanceId);
    expect(closed).toEqual([]);
    release();
    expect(await outcome).toMatchObject({ kind: 'returned' });
    expect(closed).toEqual([{ title: 'old' }]);
  });

  it('calls close() of every instance and shutdown() of the plugin at the end, even when one fails', async () => {
    const order: string[] = [];
    const close = (config: Readonly<Record<string, unknown>>) => {
      order.push(`close ${String(config['title'])}`);
      throw new Error('cannot close');
    };
    const { client, server } = await start(
      { plugin: { close, shutdown: () => void order.push('shutdown') } },
      { title: 'a' },
    );
    await client.startInstance({ name: 'mcp-governance', config: { title: 'b' } });
    await server.server.shutdown();
    expect(order).toEqual(['close a', 'close b', 'shutdown']);
  });
});

describe('GovernanceServer, about events of which Kong says nothing more,', () => {
  it('releases the waiting handler after 10 minutes: its finally runs, nothing is sent', async () => {
    const clock = { now: 0 };
    const ended: string[] = [];
    const access = async (kong: KongFunction) => {
      try {
        await kong.service?.request?.setMethod?.('NOPE');
      } finally {
        ended.push('released');
      }
    };
    const { client, instanceId, server } = await start({ plugin: { access }, now: () => clock.now });
    const pdk = {
      'kong.service.request.set_method': () => {
        throw new Error('invalid method');
      },
    };
    expect(await client.handleEvent({ instanceId, phase: 'access', pdk })).toMatchObject({ kind: 'lua_error' });
    clock.now += ABANDONED_AFTER_MS - 1;
    server.server.sweep();
    await turn();
    expect([server.server.openEvents, ...ended]).toEqual([1]);
    clock.now += 1;
    server.server.sweep();
    await turn();
    expect([server.server.openEvents, ...ended]).toEqual([0, 'released']);
  });

  it('keeps at most the given number: the 6th event pushes the first out', async () => {
    const access = (kong: KongFunction) => kong.request?.getMethod?.();
    const { server, instanceId } = await start({ plugin: { access }, maximumEvents: 5 });
    for (let count = 0; count < 6; count += 1) {
      await server.server.HandleEvent({ InstanceId: instanceId, EventName: 'access' });
    }
    expect(server.server.openEvents).toBe(5);
  });

  it('holds nothing of a handler that never ends, once its event is over', async () => {
    setFlagsFromString('--expose-gc');
    const collectGarbage = runInNewContext('gc') as () => void;
    const references: WeakRef<object>[] = [];
    const access = async (kong: KongFunction) => {
      const local = { body: Buffer.alloc(100_000) };
      references.push(new WeakRef(local));
      await kong['mcp_guard']?.refuse?.(403);
      return local;
    };
    const { client, instanceId, server } = await start({ plugin: { access } });
    for (let count = 0; count < 20; count += 1) await client.handleEvent({ instanceId, phase: 'access' });
    for (let count = 0; count < 3; count += 1) await turn();
    collectGarbage();
    expect(server.server.openEvents).toBe(0);
    expect(references.filter((reference) => reference.deref() !== undefined).length).toBeLessThanOrEqual(2);
  });
});

describe('RpcConnection', () => {
  it('drops the answer to a request that Kong gave up 1 s ago, so that it does not fail the next request', async () => {
    const clock = { now: 0 };
    let release = () => undefined as void;
    const access = () => new Promise<void>((resolve) => (release = resolve));
    const plugin = { access, log: () => undefined };
    const { instanceId, server } = await start({ plugin, now: () => clock.now });
    const connection = await KongConnection.open(server.socketPath);
    await connection.send('plugin.HandleEvent', { InstanceId: instanceId, EventName: 'access' });
    while (server.server.openEvents === 0) await turn();
    clock.now += 2_000;
    const second = await connection.send('plugin.HandleEvent', { InstanceId: instanceId, EventName: 'log' });
    expect((await connection.receive())?.id).toBe(second);
    release();
    const third = await connection.send('plugin.GetStatus');
    expect((await connection.receive())?.id).toBe(third);
    connection.close();
  });

  it('answers both of two requests sent within 1 s, in any order', async () => {
    const access = (kong: KongFunction) => kong.request?.getMethod?.();
    const { instanceId, server } = await start({ plugin: { access } });
    const connection = await KongConnection.open(server.socketPath);
    const ids = [
      await connection.send('plugin.HandleEvent', { InstanceId: instanceId, EventName: 'access' }),
      await connection.send('plugin.GetStatus'),
    ];
    const received = [(await connection.receive())?.id, (await connection.receive())?.id];
    expect(received.sort()).toEqual(ids);
    connection.close();
  });

  it.each([
    ['plugin.SetPluginDir', ['/etc'], 'method SetPluginDir not implemented'],
    ['plugin.constructor', [], 'method constructor not implemented'],
    ['plugin.shutdown', [], 'method shutdown not implemented'],
    ['plugin.step', [{}], 'method step not implemented'],
    ['plugin', [], 'method  not implemented'],
    ['other.Thing', [], 'RPC for other is not supported'],
  ])('refuses %s, whatever the server object can do', async (method, parameters, error) => {
    const { server } = await start({ plugin: {} });
    const connection = await KongConnection.open(server.socketPath);
    await connection.send(method, ...parameters);
    expect(await connection.receive()).toMatchObject({ error });
    connection.close();
  });

  it('answers an error, and lives, for parameters that make no sense', async () => {
    const { client, server } = await start({ plugin: {} });
    for (const method of ['StartInstance', 'CloseInstance', 'InstanceStatus', 'HandleEvent', 'Step', 'StepError']) {
      for (const parameters of [[], [null], [7], ['x'], [[]], [{ EventId: 'x', InstanceId: {} }]]) {
        await expect(client.call(method, ...parameters)).rejects.toThrow();
      }
    }
    expect(await client.call('GetStatus')).toBeDefined();
    expect(server.server.openEvents).toBe(0);
  });
});
