import { describe, expect, it, vi } from 'vitest';
import type { EventMessage, KongFunction, PdkCall } from './plugin-contract.ts';
import { endingMethods } from './plugin-contract.ts';
import type { RecordedMessage } from './testing/transcript.ts';
import { readDump, readTranscript, scriptsOf, transcriptNames } from './testing/transcript.ts';
import { createModule, startTestServer } from './testing/test-server.ts';
import { GovernanceServer } from './governance-server.ts';
import { RpcConnection } from './rpc-connection.ts';
import { Duplex } from 'node:stream';
import type { Socket } from 'node:net';
import { FrameScanner } from './frame-scanner.ts';

/** Scenarios with messages; `plugin-info` and `error-unknown-event` came from a hand-made client and have tests below. */
const scenarios = transcriptNames.filter(
  (name) => !['plugin-info', 'error-unknown-event', 'server-dies'].includes(name),
);

/** Calls `kong.a.b` by its dotted Lua name. */
function callByName(kong: KongFunction, { Method, Args }: PdkCall): Promise<unknown> {
  const target = Method.split('.')
    .slice(1)
    .reduce<KongFunction>((part, name) => part[name] as KongFunction, kong);
  return target(...Args);
}

interface Answer {
  readonly EventId?: number;
  readonly Id?: number;
  readonly StartTime?: number;
  readonly Config?: unknown;
  readonly Data?: EventMessage;
}

const resultsOf = (messages: readonly RecordedMessage[]): readonly Answer[] =>
  messages.flatMap(({ direction, message }) =>
    direction === 'server->kong' && typeof message[3] === 'object' && message[3] !== null ? [message[3]] : [],
  );

const requestsOf = (messages: readonly RecordedMessage[], method: string): readonly unknown[] =>
  messages.flatMap(({ direction, message }) =>
    direction === 'kong->server' && message[2] === method ? [(message[3] as readonly unknown[])[0]] : [],
  );

/** A plugin that makes the recorded calls, event after event. */
function createScriptedPlugin(messages: readonly RecordedMessage[]) {
  const scripts = [...scriptsOf(messages)];
  const handler = async (kong: KongFunction) => {
    for (const call of scripts.shift() ?? []) {
      const answer = callByName(kong, call);
      if (!endingMethods.has(call.Method)) await answer;
    }
  };
  const start = (config: Readonly<Record<string, unknown>>) => {
    if (config['title'] === 'broken') throw new Error('invalid policy: title');
  };
  return { start, access: handler, response: handler, log: handler };
}

/** A connection without a kernel between: what is written to it was sent by Kong. */
function createConnection(server: GovernanceServer): { readonly kong: Duplex; readonly answers: Uint8Array[] } {
  const answers: Uint8Array[] = [];
  const scanner = new FrameScanner();
  const socket = new Duplex({
    read: () => undefined,
    write: (chunk: Uint8Array, _encoding, done) => {
      answers.push(...scanner.push(chunk).frames);
      done();
    },
  });
  const silent = () => undefined;
  const logger = { debug: silent, info: silent, warn: silent, error: silent };
  new RpcConnection({ socket: socket as unknown as Socket, server, logger });
  return { kong: socket, answers };
}

const settle = async () => {
  for (let turn = 0; turn < 4; turn += 1) await new Promise((resolve) => setImmediate(resolve));
};

async function replay(messages: readonly RecordedMessage[]) {
  const results = resultsOf(messages);
  const eventIds = results.flatMap(({ EventId }) => (EventId === undefined ? [] : [EventId]));
  const startsInstance = requestsOf(messages, 'plugin.StartInstance').length > 0;
  const closed = requestsOf(messages, 'plugin.CloseInstance').length > 0;
  const [firstEvent] = requestsOf(messages, 'plugin.HandleEvent') as readonly { readonly InstanceId: number }[];
  const server = new GovernanceServer({
    plugins: [createModule(createScriptedPlugin(messages))],
    logger: { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined },
    firstInstanceId: startsInstance ? 0 : (firstEvent?.InstanceId ?? 0),
    firstEventId: Math.min(...eventIds, 1_000),
  });
  const startTime = results.find(({ StartTime }) => StartTime !== undefined)?.StartTime;
  vi.useFakeTimers({ toFake: ['Date'], now: (startTime ?? 1_795_339_428) * 1000 });
  // The instance that a recording from the middle of a session took for granted.
  if (!startsInstance || closed) {
    const config = closed ? results.find(({ Id }) => Id === 0)?.Config : {};
    await server.StartInstance({ Name: 'mcp-governance', Config: JSON.stringify(config) });
  }
  const { kong, answers } = createConnection(server);
  for (const { direction, bytes } of messages) {
    if (direction !== 'kong->server') continue;
    kong.push(bytes);
    await settle();
  }
  server.close();
  vi.useRealTimers();
  return answers.map((answer) => Buffer.from(answer).toString('hex'));
}

const recordedAnswers = (messages: readonly RecordedMessage[]) =>
  messages
    .filter(({ direction }) => direction === 'server->kong')
    .map(({ bytes }) => Buffer.from(bytes).toString('hex'));

describe('the plugin server, fed with what a real Kong 3.9.1 sent,', () => {
  it.each(scenarios)('answers %s byte for byte as it was recorded', async (name) => {
    const messages = readTranscript(name);
    const answers = await replay(messages);
    expect(answers.length).toBeGreaterThan(0);
    expect(answers).toEqual(recordedAnswers(messages));
  });

  it('answers unknown events, instances and statuses with the recorded texts', async () => {
    const messages = readTranscript('error-unknown-event');
    const status = resultsOf(messages).find(({ Id }) => Id === 0);
    vi.useFakeTimers({ toFake: ['Date'], now: (status?.StartTime ?? 0) * 1000 });
    const { server, close } = await startTestServer({ plugin: { access: () => undefined }, firstInstanceId: 0 });
    await server.StartInstance({ Name: 'mcp-governance', Config: JSON.stringify(status?.Config) });
    const { kong, answers } = createConnection(server);
    for (const { direction, bytes } of messages) {
      if (direction === 'kong->server') kong.push(bytes);
      await settle();
    }
    vi.useRealTimers();
    expect(answers.map((answer) => Buffer.from(answer).toString('hex'))).toEqual(recordedAnswers(messages));
    await close();
  });

  it('describes the plugin, and refuses unknown plugins, methods and namespaces, with the recorded answers', async () => {
    const messages = readTranscript('plugin-info');
    const [information] = readDump() as readonly { Schema: { fields: readonly { config: { fields: object[] } }[] } }[];
    const schema = information?.Schema.fields[0]?.config.fields ?? [];
    const noop = () => undefined;
    const { server, close } = await startTestServer({ plugin: { schema, access: noop, response: noop, log: noop } });
    expect(await server.GetPluginInfo('mcp-governance')).toEqual(information);
    const { kong, answers } = createConnection(server);
    for (const { direction, bytes } of messages) {
      if (direction === 'kong->server') kong.push(bytes);
      await settle();
    }
    const recorded = recordedAnswers(messages);
    const statusIndex = 1; // GetStatus holds the process id and times.
    expect(answers.map((answer) => Buffer.from(answer).toString('hex')).toSpliced(statusIndex, 1)).toEqual(
      recorded.toSpliced(statusIndex, 1),
    );
    await close();
  });
});
