import type { IncomingMessage, ServerResponse } from 'node:http';
import { connect } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { scriptedPlugin } from '../testing/scripted-plugin.ts';
import { sendRaw } from '../testing/raw-request.ts';
import { startTestGateway, startWithPlugin, type TestGateway } from '../testing/test-gateway.ts';
import { startUpstream, type TestUpstream } from '../testing/test-upstream.ts';

const closers: (() => Promise<void>)[] = [];
const keep = <Value extends { close(): Promise<void> }>(value: Value): Value => {
  closers.push(() => value.close());
  return value;
};
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

const service = (upstream: TestUpstream, routes: readonly object[], fields: object = {}): object => ({
  services: [{ name: 'up', url: `${upstream.url}/base`, ...fields, routes }],
});

/** Lets a test decide when the upstream goes on. */
const gate = () => {
  let open = (): void => undefined;
  const opened = new Promise<void>((resolve) => (open = resolve));
  return { opened, open };
};

describe('a proxied request', () => {
  let upstream: TestUpstream;
  let gateway: TestGateway;
  beforeEach(async () => {
    upstream = keep(await startUpstream());
    gateway = keep(
      await startTestGateway(
        service(upstream, [
          { name: 'r', paths: ['/r'] },
          { name: 'kept', paths: ['/kept'], strip_path: false, preserve_host: true },
        ]),
        { clientMaxBodyBytes: 1_000 },
      ),
    );
  });

  const send = (lines: readonly string[], body: Uint8Array | string = '') =>
    sendRaw(gateway.proxyUrl, [...lines, 'Connection: close'], body);

  it('carries the headers that Kong adds, in both directions', async () => {
    const { status, head } = await send(['GET /r/x?y=1 HTTP/1.1', 'Host: gw.test:80', 'X-Forwarded-For: 9.9.9.9']);
    const [seen] = upstream.seen;
    expect(status).toBe(200);
    expect(seen?.url).toBe('/base/x?y=1');
    expect(seen?.headers).toMatchObject({
      host: `127.0.0.1:${upstream.port}`,
      via: '1.1 kong/3.9.1',
      'x-forwarded-for': '9.9.9.9, 127.0.0.1',
      'x-forwarded-proto': 'http',
      'x-forwarded-host': 'gw.test',
      'x-forwarded-port': new URL(gateway.proxyUrl).port,
      'x-forwarded-path': '/r/x',
      'x-forwarded-prefix': '/r',
      'x-real-ip': '127.0.0.1',
    });
    expect(head).toMatch(/^Via: 1\.1 kong\/3\.9\.1$/m);
    expect(head).toMatch(/^X-Kong-Upstream-Latency: \d+$/m);
    expect(head).toMatch(/^X-Kong-Proxy-Latency: \d+$/m);
    expect(head).toMatch(new RegExp(`^X-Kong-Request-Id: ${String(seen?.headers['x-kong-request-id'])}\r?$`, 'm'));
  });

  it('keeps the path and the host where the route says so', async () => {
    await send(['GET /kept/%6D?a=%20 HTTP/1.1', 'Host: gw.test']);
    expect(upstream.seen[0]).toMatchObject({ url: '/base/kept/m?a=%20', headers: { host: 'gw.test' } });
  });

  it('does not forward hop-by-hop headers, those that Connection names, and what claims to be from a proxy', async () => {
    await sendRaw(gateway.proxyUrl, [
      'GET /r HTTP/1.1',
      'Host: x',
      'Connection: close, X-Secret',
      'X-Secret: 1',
      'Keep-Alive: 5',
      'TE: gzip',
      'Proxy: evil',
      'X-Real-IP: 1.2.3.4',
      'X-Kept: 1',
    ]);
    const names = Object.keys(upstream.seen[0]?.headers ?? {});
    expect(names).toContain('x-kept');
    for (const name of ['x-secret', 'keep-alive', 'te', 'proxy']) expect(names).not.toContain(name);
    expect(upstream.seen[0]?.headers['x-real-ip']).toBe('127.0.0.1');
  });

  it('keeps bytes of headers and bodies, repeated headers and underscores', async () => {
    const body = Uint8Array.of(0, 255, 13, 10);
    await send(
      [
        'POST /r HTTP/1.1',
        'Host: x',
        'Content-Length: 4',
        'X-Raw: \u00e9\u00ff',
        'X-Twice: 1',
        'X-Twice: 2',
        'mcp_name: a',
      ],
      body,
    );
    const [seen] = upstream.seen;
    expect(seen?.headers['x-raw']).toBe('\u00e9\u00ff');
    expect(seen?.headers['x-twice']).toBe('1, 2');
    expect(seen?.headers['mcp_name']).toBe('a');
    expect([...(seen?.body ?? [])]).toStrictEqual([0, 255, 13, 10]);
  });

  it.each<[string, number, readonly string[], string]>([
    [
      'both Content-Length and Transfer-Encoding',
      400,
      ['Content-Length: 5', 'Transfer-Encoding: chunked'],
      '0\r\n\r\n',
    ],
    ['two different Content-Lengths', 400, ['Content-Length: 5', 'Content-Length: 6'], 'hello'],
    ['a transfer coding besides chunked', 501, ['Transfer-Encoding: gzip, chunked'], '0\r\n\r\n'],
    ['two Host headers', 400, ['Host: other'], ''],
    ['a body above the limit, announced', 413, ['Content-Length: 1001'], 'x'.repeat(1_001)],
    [
      'a body above the limit, chunked',
      413,
      ['Transfer-Encoding: chunked'],
      `3e9\r\n${'x'.repeat(1_001)}\r\n0\r\n\r\n`,
    ],
  ])('refuses %s with %i and forwards nothing', async (_name, status, lines, body) => {
    const answer = await send(['POST /r HTTP/1.1', 'Host: x', ...lines], body);
    expect(answer.status).toBe(status);
    expect(upstream.seen).toHaveLength(0);
  });

  it("answers 404 with Kong's words, as JSON or as the client accepts it", async () => {
    const json = await send(['GET /none HTTP/1.1', 'Host: x']);
    expect(JSON.parse(json.body)).toMatchObject({ message: 'no Route matched with those values' });
    const html = await send(['GET /none HTTP/1.1', 'Host: x', 'Accept: text/html, application/json;q=0.5']);
    expect(html.body).toContain('<p>no Route matched with those values.</p>');
    expect(html.head).toContain('Content-Type: text/html; charset=utf-8');
  });

  it('answers Expect: 100-continue before the body comes', async () => {
    const answer = await send(['POST /r HTTP/1.1', 'Host: x', 'Content-Length: 2', 'Expect: 100-continue'], 'ab');
    expect(answer.status).toBe(100);
    expect(answer.body).toContain('HTTP/1.1 200 OK');
    expect(upstream.seen[0]?.headers['expect']).toBeUndefined();
  });

  it('sends no body to HEAD, and passes status and headers of the upstream', async () => {
    const answer = await send(['HEAD /r HTTP/1.1', 'Host: x']);
    expect(answer).toMatchObject({ status: 200, body: '' });
    expect(answer.head).toContain('content-type: application/json');
  });
});

describe('a stream', () => {
  const events = (handler: (outgoing: ServerResponse, incoming: IncomingMessage) => void) =>
    startUpstream((incoming, outgoing) => {
      outgoing.writeHead(200, { 'content-type': 'text/event-stream' });
      handler(outgoing, incoming);
    });

  it('passes each chunk before the upstream sends the next', async () => {
    const received: string[] = [];
    const gates = [gate(), gate(), gate()];
    const upstream = keep(
      await events((outgoing) => {
        const run = async (): Promise<void> => {
          for (const [index, { opened }] of gates.entries()) {
            outgoing.write(`data: ${index}\n\n`);
            await opened;
          }
          outgoing.end();
        };
        void run();
      }),
    );
    const gateway = keep(await startTestGateway(service(upstream, [{ name: 'r', paths: ['/r'] }])));
    const answer = await fetch(`${gateway.proxyUrl}/r`);
    for await (const chunk of answer.body ?? []) {
      received.push(Buffer.from(chunk).toString());
      // The upstream waits for this: a buffering gateway would never get here.
      gates[received.length - 1]?.open();
    }
    expect(received).toStrictEqual(['data: 0\n\n', 'data: 1\n\n', 'data: 2\n\n']);
  });

  it.each([
    ['response_buffering: false', { response_buffering: false }, {}],
    ['X-Accel-Buffering: no', {}, { 'x-accel-buffering': 'no' }],
  ])('sends its headers before the first event with %s', async (_name, route, headers) => {
    const first = gate();
    const upstream = keep(
      await startUpstream((_incoming, outgoing) => {
        outgoing.writeHead(200, { 'content-type': 'text/event-stream', ...headers });
        outgoing.flushHeaders();
        void first.opened.then(() => outgoing.end('data: 1\n\n'));
      }),
    );
    const gateway = keep(await startTestGateway(service(upstream, [{ name: 'r', paths: ['/r'], ...route }])));
    const answer = await fetch(`${gateway.proxyUrl}/r`);
    expect(answer.headers.get('x-accel-buffering')).toBeNull();
    first.open();
    expect(await answer.text()).toBe('data: 1\n\n');
  });

  it('closes the upstream connection when the client leaves', async () => {
    const left = gate();
    const upstream = keep(
      await events((outgoing) => {
        outgoing.write('data: 1\n\n');
        outgoing.once('close', left.open);
      }),
    );
    const gateway = keep(await startTestGateway(service(upstream, [{ name: 'r', paths: ['/r'] }])));
    const abort = new AbortController();
    const answer = await fetch(`${gateway.proxyUrl}/r`, { signal: abort.signal });
    await answer.body?.getReader().read();
    abort.abort();
    await left.opened;
  });

  it('breaks off for the client when the upstream breaks off', async () => {
    const upstream = keep(
      await events((outgoing) => {
        outgoing.write('data: 1\n\n', () => outgoing.destroy());
      }),
    );
    const gateway = keep(await startTestGateway(service(upstream, [{ name: 'r', paths: ['/r'] }])));
    const answer = await fetch(`${gateway.proxyUrl}/r`);
    await expect(answer.text()).rejects.toThrow();
  });

  it('breaks off when the upstream is silent for longer than read_timeout', async () => {
    const upstream = keep(await events((outgoing) => void outgoing.write('data: 1\n\n')));
    const gateway = keep(
      await startTestGateway(service(upstream, [{ name: 'r', paths: ['/r'] }], { read_timeout: 100 })),
    );
    const answer = await fetch(`${gateway.proxyUrl}/r`);
    await expect(answer.text()).rejects.toThrow();
  });

  it('holds the upstream back while the client does not read', async () => {
    const total = 64 * 1024 * 1024;
    let written = 0;
    const stalled = gate();
    const upstream = keep(
      await events((outgoing) => {
        const chunk = Buffer.alloc(256 * 1024);
        const pump = (): void => {
          while (written < total) {
            written += chunk.length;
            if (!outgoing.write(chunk)) {
              stalled.open();
              outgoing.once('drain', pump);
              return;
            }
          }
          outgoing.end();
        };
        pump();
      }),
    );
    const gateway = keep(await startTestGateway(service(upstream, [{ name: 'r', paths: ['/r'] }])));
    const socket = connect(Number(new URL(gateway.proxyUrl).port), '127.0.0.1');
    socket.pause();
    socket.write('GET /r HTTP/1.1\r\nHost: x\r\n\r\n');
    await stalled.opened;
    // Kernel buffers hold a few megabytes; what a greedy gateway would take is all of it.
    await expect.poll(() => settled(() => written), { timeout: 5_000 }).toBeLessThan(total);
    socket.destroy();
  });
});

/** The number once it stays the same for some turns of the event loop. */
const settled = async (read: () => number): Promise<number> => {
  let before = -1;
  while (before !== read()) {
    before = read();
    for (let turn = 0; turn < 50; turn += 1) await new Promise((resolve) => setImmediate(resolve));
  }
  return before;
};

describe('an upstream that does not answer', () => {
  it.each([
    [502, 'An invalid response was received from the upstream server', 'refuses', {}],
    [504, 'The upstream server is timing out', 'is silent', { read_timeout: 100 }],
    [502, 'An invalid response was received from the upstream server', 'hangs up', {}],
  ])('gives %i "%s" when it %s', async (status, message, how, fields) => {
    const upstream = await startUpstream((incoming) => {
      if (how === 'hangs up') incoming.socket.destroy();
    });
    const gateway = keep(await startTestGateway(service(upstream, [{ name: 'r', paths: ['/r'] }], fields)));
    if (how === 'refuses') await upstream.close();
    else keep(upstream);
    const answer = await fetch(`${gateway.proxyUrl}/r`, {
      method: 'POST',
      body: 'x',
      headers: { accept: 'application/json' },
    });
    expect(answer.status).toBe(status);
    expect(await answer.json()).toMatchObject({ message });
    expect(answer.headers.get('via')).toBe('1.1 kong/3.9.1');
    if (how === 'hangs up') expect(upstream.seen).toHaveLength(1);
  });

  it('answers 503 on a route without service', async () => {
    const gateway = keep(await startTestGateway({ routes: [{ name: 'lone', paths: ['/r'] }] }));
    const answer = await fetch(`${gateway.proxyUrl}/r`);
    expect(answer.status).toBe(503);
    expect(await answer.json()).toMatchObject({ message: 'no Service found with those values' });
  });
});

describe('a plugin with a response phase', () => {
  const start = async (handler: (incoming: IncomingMessage, outgoing: ServerResponse) => void) => {
    const upstream = keep(await startUpstream(handler));
    const gateway = keep(
      await startWithPlugin(
        service(upstream, [{ name: 'r', paths: ['/r'], plugins: [{ name: 'scripted' }] }]),
        scriptedPlugin({ response: true }),
      ),
    );
    return { upstream, gateway };
  };

  it('buffers every answer of its routes: nothing reaches the client before the upstream has ended', async () => {
    const rest = gate();
    const { gateway } = await start((_incoming, outgoing) => {
      outgoing.write('data: 1\n\n');
      void rest.opened.then(() => outgoing.end('data: 2\n\n'));
    });
    let isOpen = false;
    const arrival = fetch(`${gateway.proxyUrl}/r`).then((answer) => ({ answer, isOpen }));
    for (let turn = 0; turn < 200; turn += 1) await new Promise((resolve) => setImmediate(resolve));
    isOpen = true;
    rest.open();
    const { answer, isOpen: wasOpen } = await arrival;
    expect(wasOpen).toBe(true);
    expect(await answer.text()).toBe('data: 1\n\ndata: 2\n\n');
  });

  it('streams when the access phase clears buffered_proxying, and its response phase does not run', async () => {
    const rest = gate();
    const { gateway } = await start((_incoming, outgoing) => {
      outgoing.write('data: 1\n\n');
      void rest.opened.then(() => outgoing.end('data: 2\n\n'));
    });
    const answer = await fetch(`${gateway.proxyUrl}/r`, {
      headers: { 'x-access': 'unbuffer', 'x-response': 'replace' },
    });
    rest.open();
    expect(await answer.text()).toBe('data: 1\n\ndata: 2\n\n');
  });

  it('may replace the answer', async () => {
    const { gateway } = await start((_incoming, outgoing) => outgoing.end('secret'));
    const answer = await fetch(`${gateway.proxyUrl}/r`, { headers: { 'x-response': 'replace' } });
    expect([answer.status, answer.headers.get('content-type'), await answer.text()]).toStrictEqual([
      200,
      'text/plain',
      'replaced',
    ]);
  });

  it('is skipped for a request with Upgrade: websocket, and the unfiltered answer passes, as on Kong', async () => {
    const { gateway } = await start((_incoming, outgoing) => outgoing.end('secret'));
    const answer = await sendRaw(gateway.proxyUrl, [
      'GET /r HTTP/1.1',
      'Host: x',
      'Upgrade: websocket',
      'X-Response: replace',
      'Connection: close',
    ]);
    expect(answer.body).toContain('secret');
  });

  it('lets the unfiltered answer pass when the plugin server dies in it, as Kong does', async () => {
    const { gateway } = await start((_incoming, outgoing) => outgoing.end('secret'));
    const answer = await fetch(`${gateway.proxyUrl}/r`, { headers: { 'x-response': 'process-exit' } });
    expect([answer.status, await answer.text()]).toStrictEqual([200, 'secret']);
  });

  it('answers 500 to a Lua error in it', async () => {
    const { gateway } = await start((_incoming, outgoing) => outgoing.end('secret'));
    const answer = await fetch(`${gateway.proxyUrl}/r`, { headers: { 'x-response': 'lua-error' } });
    expect(answer.status).toBe(500);
    expect(await answer.text()).not.toContain('secret');
  });

  it('ends in the error page under the server’s own status when the buffered answer breaks off, as on Kong', async () => {
    const { gateway } = await start((_incoming, outgoing) => {
      outgoing.writeHead(200, { 'content-length': '100', 'x-server': 'yes' });
      outgoing.write('secret', () => outgoing.destroy());
    });
    const answer = await fetch(`${gateway.proxyUrl}/r`, { headers: { accept: 'application/json' } });
    expect([answer.status, answer.headers.has('x-server')]).toStrictEqual([200, false]);
    expect(await answer.json()).toMatchObject({ message: 'The upstream server responded with 200' });
  });

  it('reads a buffered answer to its end although the client has left', async () => {
    const ended = gate();
    const rest = gate();
    const { gateway, upstream } = await start((_incoming, outgoing) => {
      outgoing.write('1');
      void rest.opened.then(() => outgoing.end('2', ended.open));
    });
    const abort = new AbortController();
    const pending = fetch(`${gateway.proxyUrl}/r`, { signal: abort.signal }).catch(() => undefined);
    await expect.poll(() => upstream.seen.length).toBe(1);
    abort.abort();
    await pending;
    rest.open();
    await ended.opened;
  });
});
