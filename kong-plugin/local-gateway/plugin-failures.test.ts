import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { scriptedPlugin } from './testing/scripted-plugin.ts';
import { startWithPlugin, type TestGateway } from './testing/test-gateway.ts';
import { startUpstream, type TestUpstream } from './testing/test-upstream.ts';

/** The guard of the facts, as Lua in the configuration: it closes what Kong leaves open. */
const guard = {
  name: 'post-function',
  config: {
    access: [
      `if kong.ctx.shared.marked ~= true then
         return kong.response.exit(503, { message = "governance unavailable" })
       end`,
    ],
  },
};

/** 2 s on Kong; short enough here that a hung plugin server does not make the tests slow. */
const READ_TIMEOUT_MS = 300;

const declarative = (upstream: TestUpstream, title = 'one'): object => {
  const scripted = { name: 'scripted', config: { title } };
  return {
    services: [
      {
        name: 'up',
        url: upstream.url,
        routes: [
          { name: 'open', paths: ['/open'], plugins: [scripted] },
          { name: 'guarded', paths: ['/guarded'], plugins: [scripted, guard] },
          { name: 'broken', paths: ['/broken'], plugins: [{ name: 'scripted', config: { title: 'broken' } }] },
        ],
      },
    ],
  };
};

describe('a route with a plugin of the plugin server', () => {
  let upstream: TestUpstream;
  let gateway: TestGateway;
  beforeAll(async () => {
    upstream = await startUpstream();
    gateway = await startWithPlugin(declarative(upstream), scriptedPlugin({ response: false }), {
      luaSocketReadTimeoutMs: READ_TIMEOUT_MS,
    });
  });
  afterAll(async () => {
    await gateway.close();
    await upstream.close();
  });
  afterEach(async () => {
    // The next test starts with a server that answers.
    await expect.poll(() => ask('/open', 'config').then(({ config }) => config), { timeout: 10_000 }).toBe('one');
  });

  const ask = async (path: string, action?: string, headers: Record<string, string> = {}) => {
    const before = upstream.seen.length;
    const answer = await fetch(`${gateway.proxyUrl}${path}`, {
      headers: { ...headers, ...(action === undefined ? {} : { 'x-access': action }) },
    });
    const text = await answer.text();
    const reached = upstream.seen.slice(before).map(({ headers: seen }) => seen);
    return {
      status: answer.status,
      text,
      reached: reached.length,
      config: reached[0]?.['x-config'],
      headers: reached[0],
    };
  };

  it('passes a request unguarded whose access phase never ends, as Kong does', async () => {
    expect(await ask('/open', 'never')).toMatchObject({ status: 200, reached: 1 });
  });

  it.each(['reject-later', 'process-exit'])(
    'passes the very request unguarded during which the plugin server dies by "%s"',
    async (action) => {
      expect(await ask('/open', action)).toMatchObject({ status: 200, reached: 1 });
    },
  );

  it.each(['throw', 'throw-sync', 'never', 'reject-later', 'process-exit'])(
    'answers 503 and forwards nothing when a guard stands behind an access phase that does "%s"',
    async (action) => {
      expect(await ask('/guarded', action)).toMatchObject({ status: 503, reached: 0 });
    },
  );

  it('forwards a guarded request whose plugin left its mark', async () => {
    expect(await ask('/guarded', 'mark')).toMatchObject({ status: 200, reached: 1 });
  });

  it.each(['lua-error'])('answers 500 to a PDK call that is a Lua error (%s) and forwards nothing', async (action) => {
    const answer = await ask('/open', action);
    expect(answer).toMatchObject({ status: 500, reached: 0 });
    expect(JSON.parse(answer.text)).toMatchObject({ message: 'An unexpected error occurred' });
  });

  it('answers 500 while the configuration makes the constructor throw', async () => {
    expect(await ask('/broken')).toMatchObject({ status: 500, reached: 0 });
  });

  it.each([
    ['exit', '{"denied":true}'],
    ['exit-awaited', 'denied'],
  ])('sends the answer of kong.response.exit (%s) and forwards nothing', async (action, text) => {
    expect(await ask('/open', action)).toMatchObject({ status: 403, text, reached: 0 });
  });

  it('gives the plugin server no environment but PATH', async () => {
    const { headers } = await ask('/open', 'environment');
    const names = String(headers?.['x-environment']).split(',');
    expect(names).toContain('PATH');
    expect(names).not.toContain('HOME');
  });

  it.each([
    [10_000, 'body', 200, '10000'],
    [10_001, 'body', 500, undefined],
    [10_001, 'body-0', 200, '10001'],
    [300_000, 'body-0', 200, '300000'],
  ])('answers a body of %i bytes read by "%s" with %i', async (size, action, status, length) => {
    const before = upstream.seen.length;
    const answer = await fetch(`${gateway.proxyUrl}/open`, {
      method: 'POST',
      body: 'x'.repeat(size),
      headers: { 'x-access': action },
    });
    await answer.text();
    expect(answer.status).toBe(status);
    expect(upstream.seen[before]?.headers['x-length']).toBe(length);
    expect(upstream.seen[before]?.body.length).toBe(length === undefined ? undefined : size);
  });

  it('starts the killed plugin server again, and lets what comes meanwhile pass unguarded', async () => {
    const pid = gateway.pluginServerPid() ?? 0;
    process.kill(pid, 'SIGKILL');
    await gateway.logged('terminated: SIGKILL');
    expect(await ask('/open', 'config')).toMatchObject({ status: 200, reached: 1, config: undefined });
    await expect.poll(() => ask('/open', 'config').then(({ config }) => config), { timeout: 10_000 }).toBe('one');
    expect(gateway.pluginServerPid()).not.toBe(pid);
  });

  it('waits for the read timeout of a stopped plugin server, then passes unguarded, guarded 503', async () => {
    // An instance that must be started first fails instead (500).
    await ask('/guarded', 'mark');
    const pid = gateway.pluginServerPid() ?? 0;
    process.kill(pid, 'SIGSTOP');
    expect(await ask('/open', 'config')).toMatchObject({ status: 200, reached: 1, config: undefined });
    expect(await ask('/guarded', 'mark')).toMatchObject({ status: 503, reached: 0 });
    process.kill(pid, 'SIGCONT');
  });

  it('runs the log phase with saved data, and loses it silently when a call needs the request', async () => {
    await ask('/open', undefined, { 'x-log': 'serialize' });
    await gateway.logged('log phase ran: serialize');
    expect(gateway.lines.find((line) => line.includes('serialized {'))).toContain('"upstream_status":200');
    await ask('/open', undefined, { 'x-log': 'method' });
    await gateway.logged('API disabled in the context of ngx.timer: kong.request.get_method');
    expect(gateway.lines.some((line) => line.includes('log phase ran: method'))).toBe(false);
  });
});

describe('a reload', () => {
  it('runs new requests with the new configuration and refuses a wrong one whole', async () => {
    const upstream = await startUpstream();
    const gateway = await startWithPlugin(declarative(upstream), scriptedPlugin({ response: false }), { workers: 2 });
    const titles = async (): Promise<readonly unknown[]> => {
      const before = upstream.seen.length;
      for (let turn = 0; turn < 4; turn += 1)
        await (await fetch(`${gateway.proxyUrl}/open`, { headers: { 'x-access': 'config' } })).text();
      return upstream.seen.slice(before).map(({ headers }) => headers['x-config']);
    };
    try {
      expect(await titles()).toStrictEqual(['one', 'one', 'one', 'one']);
      await gateway.reload({ declarative: { _format_version: '3.0', ...declarative(upstream, 'two') } });
      expect(await titles()).toStrictEqual(['two', 'two', 'two', 'two']);
      await expect(
        gateway.reload({ declarative: { _format_version: '3.0', services: [{ name: 'x', colour: 'red' }] } }),
      ).rejects.toThrow('services[1].colour: unknown field');
      expect(await titles()).toStrictEqual(['two', 'two', 'two', 'two']);
    } finally {
      await gateway.close();
      await upstream.close();
    }
  });
});
