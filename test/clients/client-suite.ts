import { afterEach, describe, expect, it } from 'vitest';
import type { RecordedCall } from '../../kong-plugin/demo/mcp-server/call-log.ts';
import { connectV1 } from './connect-v1.ts';
import { connectV2 } from './connect-v2.ts';
import { type ClientBehaviour, type ClientTarget, type Connect, deferred, type TestClient } from './test-client.ts';

export interface ClientSuiteOptions {
  readonly name: string;
  /** A route on which every tool, prompt and resource of the demo server is allowed. */
  readonly target: () => ClientTarget;
  /** The demo server's own record of executed calls. */
  readonly calls: () => readonly RecordedCall[];
}

interface Kind {
  readonly kind: string;
  readonly connect: Connect;
  readonly version: string;
  readonly era: 'legacy' | 'modern';
  /** An order of its own: the kinds share one server, and a refund happens once. */
  readonly order: string;
}

const kinds: readonly Kind[] = [
  { kind: 'SDK v1', connect: connectV1, version: '2025-11-25', era: 'legacy', order: 'ord-1001' },
  { kind: 'SDK v2 legacy', connect: connectV2('legacy'), version: '2025-11-25', era: 'legacy', order: 'ord-1003' },
  { kind: 'SDK v2 auto', connect: connectV2('auto'), version: '2026-07-28', era: 'modern', order: 'ord-1005' },
  {
    kind: 'SDK v2 pinned to 2026-07-28',
    connect: connectV2({ pin: '2026-07-28' }),
    version: '2026-07-28',
    era: 'modern',
    order: 'ord-1006',
  },
];

const WATCHED = 'test://watched-resource';
const UNWATCHED = 'test://static-text';

/** Real work by the unchanged official clients. Everything waits for an event; nothing waits for a time. */
export function clientSuite(options: ClientSuiteOptions): void {
  describe.each(kinds)(`$kind ${options.name}`, (kind) => {
    const opened: TestClient[] = [];
    const connect = async (behaviour: Partial<ClientBehaviour> = {}): Promise<TestClient> => {
      const client = await kind.connect(options.target(), { ...refuseEverything, ...behaviour });
      opened.push(client);
      return client;
    };
    afterEach(async () => {
      await Promise.all(opened.splice(0).map((client) => client.close()));
    });
    const setup: Setup = { ...kind, calls: options.calls, connect };
    basicTests(setup);
    streamingTests(setup);
    interactionTests(setup);
    subscriptionTests(setup);
    if (kind.era === 'legacy') sessionTests(setup);
    else statelessTests(setup);
  });
}

interface Setup extends Omit<Kind, 'connect'>, Pick<ClientSuiteOptions, 'calls'> {
  readonly connect: (behaviour?: Partial<ClientBehaviour>) => Promise<TestClient>;
}

const refuseEverything: ClientBehaviour = {
  elicit: () => ({ action: 'decline' }),
  sample: () => 'I was not asked to answer.',
  resourceUpdated: () => undefined,
  toolsChanged: () => undefined,
};

function basicTests({ connect, version, era, calls }: Setup): void {
  it(`negotiates ${version} and lists the business tools once each`, async () => {
    const client = await connect();
    const names = await client.toolNames();
    expect(client.protocolVersion).toBe(version);
    expect(names).toEqual(
      expect.arrayContaining(['create_invoice', 'search_orders', 'generate_report', 'delete_order', 'confirm_refund']),
    );
    expect(new Set(names).size).toBe(names.length);
  });

  it('calls a tool, and the server has executed exactly that call', async () => {
    const client = await connect();
    const before = calls().length;
    const input = { customer: `Customer of ${version}`, amount: 12.5, currency: 'EUR' };
    const { structured, isError } = await client.call('create_invoice', input);
    expect(isError).toBe(false);
    expect(structured).toEqual({ ...input, invoiceId: expect.stringMatching(/^inv-\d{6}$/) });
    expect(calls().slice(before)).toEqual([{ tool: 'create_invoice', arguments: input, era, outcome: 'ok' }]);
  });

  it('gets each of 20 parallel answers for its own call', async () => {
    const client = await connect();
    const amounts = Array.from({ length: 20 }, (_, index) => index + 1);
    const results = await Promise.all(
      amounts.map((amount) => client.call('create_invoice', { customer: 'Parallel', amount, currency: 'USD' })),
    );
    expect(results.map(({ structured }) => (structured as { amount: number }).amount)).toEqual(amounts);
    expect(new Set(results.map(({ structured }) => (structured as { invoiceId: string }).invoiceId)).size).toBe(20);
  });

  it('gets a tool error as a result and an unknown resource as an error', async () => {
    const client = await connect();
    const { isError, text } = await client.call('delete_order', { orderId: 'ord-0' });
    expect({ isError, text }).toEqual({ isError: true, text: 'There is no order ord-0.' });
    await expect(client.readText('test://no-such-resource')).rejects.toThrow();
  });

  it('reads a resource and renders a prompt', async () => {
    const client = await connect();
    expect(await client.readText(UNWATCHED)).toBe('This is the content of the static text resource.');
    expect(await client.promptText('refund_reply', { orderId: 'ord-1002' })).toContain('Coffee beans 10 kg');
  });
}

function streamingTests({ connect, era, calls }: Setup): void {
  it('sees all 5 progress notifications, in order, before the result', async () => {
    const client = await connect();
    const events: unknown[] = [];
    const onProgress = ({ progress, total }: { progress: number; total?: number | undefined }): void => {
      events.push(`${progress} of ${total}`);
    };
    const { isError } = await client.call('generate_report', { steps: 5 }, { onProgress });
    events.push(isError ? 'error' : 'result');
    expect(events).toEqual(['1 of 5', '2 of 5', '3 of 5', '4 of 5', '5 of 5', 'result']);
  });

  it('cancels a running call: the server stops after the first of 200 steps and the client stays usable', async () => {
    const client = await connect();
    const before = calls().length;
    const cancel = new AbortController();
    const seen: number[] = [];
    const onProgress = ({ progress }: { progress: number }): void => {
      seen.push(progress);
      cancel.abort('enough');
    };
    const call = client.call('generate_report', { steps: 200 }, { onProgress, signal: cancel.signal });
    await expect(call).rejects.toThrow();
    await expect.poll(() => calls()[before]?.outcome, { timeout: 10_000 }).toBe('cancelled');
    expect(calls()[before]).toMatchObject({ tool: 'generate_report', era });
    expect(seen.length).toBeLessThan(200);
    expect((await client.call('search_orders', { query: 'desk' })).isError).toBe(false);
  });
}

function interactionTests({ connect, order }: Setup): void {
  it('declines an elicitation: nothing is refunded', async () => {
    const questions: string[] = [];
    const client = await connect({
      elicit: (message) => {
        questions.push(message);
        return { action: 'decline' };
      },
    });
    const { text } = await client.call('confirm_refund', { orderId: order });
    expect(questions).toEqual([expect.stringMatching(/^Refund \d+\.\d\d [A-Z]{3} to /)]);
    expect(text).toBe(`The refund of ${order} was not confirmed.`);
    expect(await client.readText(`orders://order/${order}`)).toContain('"state":"paid"');
  });

  it('accepts an elicitation: the order is refunded once, and not a second time', async () => {
    const client = await connect({ elicit: () => ({ action: 'accept', content: { confirm: true } }) });
    const first = await client.call('confirm_refund', { orderId: order });
    const second = await client.call('confirm_refund', { orderId: order });
    expect(first.structured).toMatchObject({ refunded: order });
    expect({ isError: second.isError, text: second.text }).toEqual({
      isError: true,
      text: `Order ${order} is refunded already.`,
    });
    expect(await client.readText(`orders://order/${order}`)).toContain('"state":"refunded"');
  });

  it('answers a sampling request of the server in the middle of a call', async () => {
    const prompts: unknown[] = [];
    const client = await connect({
      sample: (prompt) => {
        prompts.push(prompt);
        return 'forty-two';
      },
    });
    const { text } = await client.call('test_sampling', { prompt: 'What is six times seven?' });
    expect(text).toBe('LLM response: forty-two');
    expect(JSON.stringify(prompts)).toContain('What is six times seven?');
  });
}

function subscriptionTests({ connect }: Setup): void {
  it('is told about the resource it subscribed to, and about changed tools', async () => {
    const updates = deferred<string>();
    const tools = deferred<void>();
    const client = await connect({ resourceUpdated: updates.resolve, toolsChanged: tools.resolve });
    await client.streamOpened;
    const stop = await client.watch({ resource: WATCHED, tools: true });
    await client.call('test_trigger_resource_update', {});
    expect(await updates.promise).toBe(WATCHED);
    await client.call('test_trigger_tool_change', {});
    await tools.promise;
    await stop();
  });

  it('is not told about a resource it did not subscribe to, nor after it unsubscribed', async () => {
    const updates: string[] = [];
    const tools = deferred<void>();
    const client = await connect({ resourceUpdated: (uri) => updates.push(uri), toolsChanged: tools.resolve });
    await client.streamOpened;
    const stopWatching = await client.watch({ resource: WATCHED });
    await stopWatching();
    const stop = await client.watch({ resource: UNWATCHED, tools: true });
    await client.call('test_trigger_resource_update', {});
    // On one stream in order: when this announcement is here, the one before it would be, too.
    await client.call('test_trigger_tool_change', {});
    await tools.promise;
    expect(updates).toEqual([]);
    await stop();
  });
}

function sessionTests({ connect }: Setup): void {
  it('gets a session and a GET stream, and the session is gone after DELETE', async () => {
    const client = await connect();
    await client.streamOpened;
    expect(client.sessionId).toMatch(/^[\x21-\x7e]+$/);
    expect(client.httpMethods.slice(0, 3)).toEqual(['POST', 'POST', 'GET']);
    await client.terminate();
    expect(client.httpMethods).toContain('DELETE');
    await expect(client.toolNames()).rejects.toThrow();
  });

  it('gets the answer of a closed stream when it comes back for it with Last-Event-ID', async () => {
    const client = await connect();
    await client.streamOpened;
    const gets = countOf(client, 'GET');
    const { text } = await client.call('test_reconnection', {});
    expect(text).toBe('The client came back for the answer.');
    expect(countOf(client, 'GET')).toBe(gets + 1);
  });
}

function statelessTests({ connect }: Setup): void {
  it('needs no session and sends nothing but POST', async () => {
    const client = await connect();
    await client.toolNames();
    await client.call('search_orders', { query: 'desk' });
    expect(client.sessionId).toBeUndefined();
    expect(new Set(client.httpMethods)).toEqual(new Set(['POST']));
  });
}

function countOf(client: TestClient, method: string): number {
  return client.httpMethods.filter((used) => used === method).length;
}
