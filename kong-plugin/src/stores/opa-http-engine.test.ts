import path from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { OpaInput } from '../domain/opa/opa-decision.ts';
import { contractEntrypoint, contractPolicy, describePolicyEngine } from '../ports/policy-engine.contract.ts';
import type { PolicyEngine } from '../ports/policy-engine.ts';
import { createOpaHttpEngine, type OpaHttpOptions } from './opa-http-engine.ts';
import { hasOpa, opaTitle, removeFolder, startOpa, writeFiles, type OpaServer } from './testing/opa-command.ts';
import { answerAllow, answerJson, startFakeOpa, type Behaviour, type FakeOpa } from './testing/opa-fake-server.ts';

const cleanups: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

const engineAt = (url: string, options: Partial<OpaHttpOptions> = {}): PolicyEngine => {
  const created = createOpaHttpEngine({ url, path: contractEntrypoint, deadlineMs: 10_000, ...options });
  if (!created.ok) throw new Error(created.error);
  cleanups.push(() => created.value.close());
  return created.value;
};

const fake = async (behave: Behaviour, socketPath?: string): Promise<FakeOpa> => {
  const server = await startFakeOpa(behave, socketPath);
  cleanups.push(() => server.stop());
  return server;
};

const input = (more: Partial<OpaInput> = {}): OpaInput => ({
  caller: { consumer: 'acme-support', groups: [], tags: [], scopes: [], anonymous: false },
  server: 'orders',
  call: { kind: 'tool', method: 'tools/call', name: 'create_invoice', arguments: { iban: 'DE02' } },
  limits: {},
  time: '2026-11-23T14:05:06.007Z',
  ...more,
});

const allowed = { ok: true, value: { allow: true, obligations: { redact: [] } } };
const denied = { ok: true, value: { allow: false, obligations: { redact: [] } } };
const failed = (why: RegExp): unknown => ({ ok: false, error: expect.stringMatching(why) });

describe('over HTTP', () => {
  let opa: OpaServer;
  let folder = '';
  beforeAll(async () => {
    if (!hasOpa) return;
    folder = await writeFiles({ 'contract.rego': contractPolicy });
    opa = await startOpa([folder]);
  });
  afterAll(async () => {
    if (!hasOpa) return;
    await opa.stop();
    await removeFolder(folder);
  });
  const engineOf = (rule: string): PolicyEngine => engineAt(opa.url, { path: rule });

  describePolicyEngine({
    name: `the HTTP engine with ${opaTitle}`,
    isPresent: hasOpa,
    create: async () => {
      const created = createOpaHttpEngine({ url: opa.url, path: contractEntrypoint, deadlineMs: 10_000 });
      if (!created.ok) throw new Error(created.error);
      return created.value;
    },
  });

  describe.skipIf(!hasOpa)(opaTitle, () => {
    it('denies, and says so in health, when the path names a rule that does not exist', async () => {
      const engine = engineOf('contract/decisoin');
      expect(await engine.decide(input())).toEqual(denied);
      expect(engine.health()).toEqual({ ok: true, why: expect.stringMatching(/contract\/decisoin holds no decision/) });
    });

    it('fails when the path names the package instead of the rule', async () => {
      const call = { kind: 'tool', method: 'tools/call', name: 'allowed' };
      expect(await engineOf('contract').decide(input({ call }))).toEqual(failed(/"decision".*not for its package/));
    });

    it('fails while it is down and answers again once it is back', async () => {
      const call = { kind: 'tool', method: 'tools/call', name: 'allowed' };
      const engine = engineAt(opa.url);
      expect(await engine.decide(input({ call }))).toEqual(allowed);
      await opa.stop();
      expect(await engine.decide(input({ call }))).toEqual(failed(/did not decide/));
      opa = await startOpa([folder], { port: opa.port });
      expect(await engine.decide(input({ call }))).toEqual(allowed);
    });
  });
});

describe('what OPA receives', () => {
  it('is a POST of the input to the path of the rule, with the token', async () => {
    const opa = await fake(answerAllow);
    const engine = engineAt(`${opa.url}/opa/`, { path: '/mcp/governance/decision', token: 'secret-token' });
    expect(await engine.decide(input())).toEqual(allowed);
    expect(opa.questions).toHaveLength(1);
    expect(opa.questions[0]).toMatchObject({
      method: 'POST',
      url: '/opa/v1/data/mcp/governance/decision',
      headers: { 'content-type': 'application/json', authorization: 'Bearer secret-token' },
    });
    expect(JSON.parse(opa.questions[0]?.body ?? '')).toEqual({ input: input() });
  });

  it('no token is sent when there is none', async () => {
    const opa = await fake(answerAllow);
    await engineAt(opa.url).decide(input());
    expect(opa.questions[0]?.headers).not.toHaveProperty('authorization');
  });

  it('travels over a Unix socket too', async () => {
    const folder = await writeFiles({});
    cleanups.push(() => removeFolder(folder));
    const socketPath = path.join(folder, 'opa.sock');
    const opa = await fake(answerAllow, socketPath);
    expect(await engineAt(`unix://${socketPath}`).decide(input())).toEqual(allowed);
    expect(opa.questions).toHaveLength(1);
  });

  it('travels over 1 connection when 50 questions follow each other', async () => {
    const opa = await fake(answerAllow);
    const engine = engineAt(opa.url);
    for (let count = 0; count < 50; count += 1) expect(await engine.decide(input())).toEqual(allowed);
    expect(opa.connections.total).toBe(1);
  });

  it('travels over 4 connections at most when 40 questions come at once', async () => {
    const opa = await fake((response) => setImmediate(() => answerJson(response, { result: { allow: true } })));
    const engine = engineAt(opa.url, { maxConnections: 4 });
    const found = await Promise.all(Array.from({ length: 40 }, () => engine.decide(input())));
    expect(found).toEqual(Array(40).fill(allowed));
    expect(opa.questions).toHaveLength(40);
    expect(opa.connections.most).toBe(4);
  });
});

describe('a server that misbehaves never allows', () => {
  it.each<[string, Behaviour, RegExp]>([
    [
      '500',
      (response) => answerJson(response, { code: 'internal_error', message: 'broken' }, 500),
      /status 500 \(internal_error: broken\)/,
    ],
    ['500 with an allow', (response) => answerJson(response, { result: { allow: true } }, 500), /status 500/],
    ['401 without a body', (response) => void response.writeHead(401).end(), /status 401/],
    ['404 with an allow', (response) => answerJson(response, { result: { allow: true } }, 404), /status 404/],
    ['201 with an allow', (response) => answerJson(response, { result: { allow: true } }, 201), /status 201/],
    ['204', (response) => void response.writeHead(204).end(), /status 204/],
    [
      'a redirect to an allow',
      (response, { url }) => {
        if (url === '/allow') return answerJson(response, { result: { allow: true } });
        response.writeHead(307, { location: '/allow' }).end();
      },
      /status 307/,
    ],
    ['nothing in its body', (response) => void response.end(), /no JSON/],
    ['HTML', (response) => void response.end('<html>allow</html>'), /no JSON/],
    ['half a document', (response) => void response.end('{"result":{"allow":true}'), /no JSON/],
    ['two documents', (response) => void response.end('{"result":{"allow":true}}{}'), /no JSON/],
    ['allow twice', (response) => void response.end('{"result":{"allow":false,"allow":true}}'), /occurs twice/],
    ['bytes that are no UTF-8', (response) => void response.end(Buffer.from([0x22, 0xff, 0x22])), /not valid UTF-8/],
    ['a list', (response) => answerJson(response, [{ result: { allow: true } }]), /no JSON object/],
    ['33 levels', (response) => void response.end(`${'['.repeat(33)}${']'.repeat(33)}`), /at most 32 levels/],
    ['allow as a text', (response) => answerJson(response, { result: { allow: 'true' } }), /"allow" must be/],
    [
      '65,537 bytes',
      (response) => void response.end(`{"result":{"allow":true}}${' '.repeat(65_537 - 25)}`),
      /more than 65536 bytes/,
    ],
    [
      'bytes without end',
      (response) => {
        const pour = (): void => {
          while (!response.destroyed && response.write(' '.repeat(65_536)));
        };
        response.on('drain', pour);
        pour();
      },
      /more than 65536 bytes/,
    ],
    [
      'a compressed answer',
      (response) => void response.writeHead(200, { 'content-encoding': 'gzip' }).end('x'),
      /compressed/,
    ],
    ['a closed connection', (response) => void response.destroy(), /hang up/],
    [
      'a connection closed in the middle of an allow',
      (response) => {
        response.writeHead(200, { 'content-length': '26' });
        response.write('{"result":{"allow":true}}');
        setImmediate(() => response.destroy());
      },
      /broke off/,
    ],
    [
      'an upgrade',
      (response) => void response.socket?.end('HTTP/1.1 101 Switching\r\nupgrade: x\r\nconnection: upgrade\r\n\r\n'),
      /did not decide/,
    ],
    ['no HTTP', (response) => void response.socket?.end('allow\r\n\r\n'), /did not decide/],
  ])('%s', async (_title, behave, why) => {
    const opa = await fake(behave);
    expect(await engineAt(opa.url, { token: 'secret-token' }).decide(input())).toEqual(failed(why));
    expect(opa.questions).toHaveLength(1);
  });

  it.each<[string, Behaviour]>([
    ['does not answer', () => undefined],
    ['sends only its header', (response) => response.flushHeaders()],
    [
      'sends its answer without its end',
      (response) => {
        response.writeHead(200, { 'content-length': '26' });
        response.write('{"result":{"allow":true}}');
      },
    ],
  ])('within 30 ms, when it %s', async (_title, behave) => {
    const opa = await fake(behave);
    expect(await engineAt(opa.url, { deadlineMs: 30 }).decide(input())).toEqual(failed(/no answer within 30 ms/));
  });

  it('that is not there fails and names its address, never the token', async () => {
    const opa = await startFakeOpa(answerAllow);
    await opa.stop();
    const found = await engineAt(opa.url, { token: 'secret-token' }).decide(input());
    expect(found).toEqual(failed(new RegExp(`${opa.url}/v1/data/contract/decision did not decide: .*ECONNREFUSED`)));
    expect(JSON.stringify(found)).not.toContain('secret-token');
  });

  it('denies when the result is missing', async () => {
    const opa = await fake((response) => answerJson(response, { warning: { code: 'api_usage_warning' } }));
    expect(await engineAt(opa.url).decide(input())).toEqual(denied);
  });
});

describe('a connection that the server closed while it idled', () => {
  const closingSecond: Behaviour = (response, question, count) => {
    if (count === 2) response.destroy();
    else answerAllow(response, question, count);
  };

  it('costs a second attempt on a new connection, not a failure', async () => {
    const opa = await fake(closingSecond);
    const engine = engineAt(opa.url);
    expect(await engine.decide(input())).toEqual(allowed);
    expect(await engine.decide(input())).toEqual(allowed);
    expect(opa.questions).toHaveLength(3);
    expect(opa.connections.total).toBe(2);
  });

  it('is tried again once, not twice', async () => {
    const opa = await fake((response, question, count) => {
      if (count > 1) response.destroy();
      else answerAllow(response, question, count);
    });
    const engine = engineAt(opa.url);
    expect(await engine.decide(input())).toEqual(allowed);
    expect(await engine.decide(input())).toEqual(failed(/hang up/));
    expect(opa.questions).toHaveLength(3);
  });
});

describe('too many questions', () => {
  it('the ninth fails at once while 8 are under way, and the next is asked when they are answered', async () => {
    const waiting: (() => void)[] = [];
    const opa = await fake((response, question, count) => {
      if (count > 8) return answerAllow(response, question, count);
      waiting.push(() => answerAllow(response, question, count));
      if (waiting.length === 8) for (const answer of waiting) setImmediate(answer);
    });
    const engine = engineAt(opa.url, { maxPending: 8 });
    const eight = Array.from({ length: 8 }, () => engine.decide(input()));
    expect(await engine.decide(input())).toEqual(failed(/8 questions are under way already/));
    expect(await Promise.all(eight)).toEqual(Array(8).fill(allowed));
    expect(await engine.decide(input())).toEqual(allowed);
  });

  it('those that wait for a connection fail when the engine is closed, and are never sent', async () => {
    const { promise: asked, resolve } = withResolvers();
    const opa = await fake(() => resolve());
    const engine = engineAt(opa.url, { maxConnections: 1 });
    const questions = Array.from({ length: 5 }, () => engine.decide(input()));
    await asked;
    await engine.close();
    expect(await Promise.all(questions)).toEqual(Array(5).fill(failed(/the engine was closed/)));
    expect(opa.questions).toHaveLength(1);
  });
});

describe('the decision cache', () => {
  const cached = async (behave: Behaviour, seconds = 5, maxEntries = 100) => {
    const clock = { now: 1_000 };
    const opa = await fake(behave);
    return { clock, opa, engine: engineAt(opa.url, { now: () => clock.now, cache: { seconds, maxEntries } }) };
  };

  it('is off when it is not asked for: 3 equal questions are asked 3 times', async () => {
    const opa = await fake(answerAllow);
    const engine = engineAt(opa.url);
    for (let count = 0; count < 3; count += 1) await engine.decide(input());
    expect(opa.questions).toHaveLength(3);
  });

  it('answers a question that differs in time and limits for 5 seconds, to the millisecond', async () => {
    const { clock, opa, engine } = await cached(answerAllow);
    await engine.decide(input());
    clock.now += 4_999;
    expect(await engine.decide(input({ time: '2026-11-23T14:05:11.006Z', limits: { daily: 0 } }))).toEqual(allowed);
    expect(opa.questions).toHaveLength(1);
    clock.now += 1;
    await engine.decide(input());
    expect(opa.questions).toHaveLength(2);
  });

  it('counts the seconds from the question, not from a late answer', async () => {
    const clock = { now: 1_000 };
    const opa = await fake((response, question, count) => {
      clock.now += 4_000;
      answerAllow(response, question, count);
    });
    const engine = engineAt(opa.url, { now: () => clock.now, cache: { seconds: 5 } });
    await engine.decide(input());
    clock.now += 1_000;
    await engine.decide(input());
    expect(opa.questions).toHaveLength(2);
  });

  it('keeps denials with their reason as well', async () => {
    const { opa, engine } = await cached((response) =>
      answerJson(response, { result: { allow: false, reason: 'No.' } }),
    );
    const first = await engine.decide(input());
    expect(await engine.decide(input())).toEqual(first);
    expect(first).toMatchObject({ ok: true, value: { allow: false, reason: 'No.' } });
    expect(opa.questions).toHaveLength(1);
  });

  it.each<[string, OpaInput]>([
    ['caller', input({ caller: { ...input().caller, consumer: 'mallory' } })],
    ['server', input({ server: 'billing' })],
    ['plan', input({ plan: 'gold' })],
    ['argument', input({ call: { ...input().call, arguments: { iban: 'DE03' } } })],
  ])('is not used for another %s', async (_title, other) => {
    const { opa, engine } = await cached((response, _question, count) =>
      answerJson(response, { result: { allow: count === 1 } }),
    );
    expect(await engine.decide(input())).toEqual(allowed);
    expect(await engine.decide(other)).toEqual(denied);
    expect(opa.questions).toHaveLength(2);
  });

  it.each<[string, Behaviour]>([
    ['a failure', (response) => answerJson(response, {}, 500)],
    ['an undefined decision, which ends when OPA has its bundle', (response) => answerJson(response, {})],
    ['a decision that is not understood', (response) => answerJson(response, { result: { allow: 1 } })],
  ])('never keeps %s', async (_title, behave) => {
    const { engine } = await cached((response, question, count) => {
      if (count === 1) behave(response, question, count);
      else answerAllow(response, question, count);
    });
    expect(await engine.decide(input())).not.toEqual(allowed);
    expect(await engine.decide(input())).toEqual(allowed);
  });

  it('forgets the question used longest ago once it holds 2', async () => {
    const { opa, engine } = await cached(answerAllow, 5, 2);
    for (const server of ['a', 'b', 'a', 'c', 'a', 'b']) await engine.decide(input({ server }));
    expect(opa.questions.map(({ body }) => (JSON.parse(body) as { input: OpaInput }).input.server)).toEqual([
      ...['a', 'b', 'c', 'b'],
    ]);
  });
});

describe('health', () => {
  const flaky = async (isUp: (count: number) => boolean) => {
    const clock = { now: 1_000 };
    const opa = await fake((response, question, count) => {
      if (isUp(count)) answerAllow(response, question, count);
      else answerJson(response, {}, 503);
    });
    return { clock, engine: engineAt(opa.url, { now: () => clock.now }) };
  };

  it('is ok before anybody asked', async () => {
    expect((await flaky(() => false)).engine.health()).toEqual({ ok: true });
  });

  it('is not ok after the first question failed, and says why', async () => {
    const { engine } = await flaky(() => false);
    await engine.decide(input());
    expect(engine.health()).toEqual({
      ok: false,
      why: expect.stringMatching(/^1 of the last 1 questions failed: .*503/),
    });
  });

  it('is ok again once half of the last questions were answered', async () => {
    const { engine } = await flaky((count) => count > 3);
    const seen: boolean[] = [];
    for (let count = 0; count < 7; count += 1) {
      await engine.decide(input());
      seen.push(engine.health().ok);
    }
    expect(seen).toEqual([false, false, false, false, false, true, true]);
  });

  it('looks at 20 questions: 11 failures after 1,000 answers show', async () => {
    const { engine } = await flaky((count) => count <= 1_000);
    for (let count = 0; count < 1_010; count += 1) await engine.decide(input());
    expect(engine.health().ok).toBe(true);
    await engine.decide(input());
    expect(engine.health()).toMatchObject({ ok: false, why: expect.stringMatching(/^11 of the last 20/) });
  });

  it('forgets an outage 30 seconds after the last question, or nothing would ever be asked again', async () => {
    const { clock, engine } = await flaky(() => false);
    await engine.decide(input());
    clock.now += 29_999;
    expect(engine.health().ok).toBe(false);
    clock.now += 1;
    expect(engine.health()).toEqual({ ok: true });
  });
});

it('an address that cannot be meant makes no engine', () => {
  const created = createOpaHttpEngine({ url: 'http://a:secret@127.0.0.1', path: contractEntrypoint });
  expect(created).toEqual(failed(/no user/));
});

const withResolvers = (): { readonly promise: Promise<void>; readonly resolve: () => void } => {
  let resolve: () => void = () => undefined;
  const promise = new Promise<void>((settle) => {
    resolve = settle;
  });
  return { promise, resolve };
};
