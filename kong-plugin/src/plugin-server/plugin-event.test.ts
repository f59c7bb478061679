import { describe, expect, it } from 'vitest';
import { createKong } from './kong-bridge.ts';
import { EventEndedError, PluginEvent } from './plugin-event.ts';

const createEvent = () => new PluginEvent({ phase: 'access', instanceId: 1 });
const settled = async (promise: Promise<unknown>) =>
  Promise.race([
    promise.then(
      () => 'resolved',
      () => 'rejected',
    ),
    new Promise((done) => setImmediate(done, 'pending')),
  ]);

describe('PluginEvent', () => {
  it('hands calls to Kong in the order they were made, and answers to the calls in that order', async () => {
    const event = createEvent();
    const kong = createKong(event);
    const both = Promise.all([kong.request?.getMethod?.(), kong.request?.getHeader?.('a')]);
    expect(await event.next()).toEqual({ Method: 'kong.request.get_method', Args: [] });
    event.answer('POST');
    expect(await event.next()).toEqual({ Method: 'kong.request.get_header', Args: ['a'] });
    event.answer('x');
    expect(await both).toEqual(['POST', 'x']);
  });

  it('sends the calls nobody awaited before the end', async () => {
    const event = createEvent();
    void createKong(event).log?.notice?.('hello');
    event.finish('ret');
    expect(await event.next()).toEqual({ Method: 'kong.log.notice', Args: ['hello'] });
    event.answer(undefined);
    expect(await event.next()).toBe('ret');
  });

  it.each([
    ['mcp_guard', 'facts', 'kong.mcp_guard.facts'],
    ['mcpGuard', 'facts', 'kong.mcp_guard.facts'],
    ['mcp_guard', 'buffered', 'kong.mcp_guard.buffered'],
  ])('maps kong.%s.%s to %s', async (group, name, method) => {
    const event = createEvent();
    void createKong(event)[group]?.[name]?.({ max_body_bytes: 1 });
    expect(await event.next()).toEqual({ Method: method, Args: [{ max_body_bytes: 1 }] });
  });

  it.each([
    ['kong.response.exit', 'response', 'exit'],
    ['kong.response.error', 'response', 'error'],
    ['kong.mcp_guard.refuse', 'mcp_guard', 'refuse'],
  ])('never settles %s, and refuses the calls after it instead of letting them wait', async (method, group, name) => {
    const event = createEvent();
    const kong = createKong(event);
    const exit = kong[group]?.[name]?.(403) ?? Promise.resolve();
    expect(await event.next()).toEqual({ Method: method, Args: [403] });
    await expect(kong.request?.getMethod?.()).rejects.toThrow('kong.request.get_method was called after the request');
    expect(await settled(exit)).toBe('pending');
    expect(event.finish('ret')).toBe(false);
  });

  it('refuses a call after the handler returned', async () => {
    const event = createEvent();
    event.finish('ret');
    await expect(createKong(event).ctx?.shared?.set?.('k', 1)).rejects.toBeInstanceOf(EventEndedError);
    expect(await event.next()).toBe('ret');
  });

  it('rejects the waiting calls when Kong is gone', async () => {
    const event = createEvent();
    const call = createKong(event).request?.getMethod?.();
    await event.next();
    event.abandon();
    await expect(call).rejects.toThrow('Kong gave up this request');
    expect(event.finish('ret')).toBe(false);
  });

  it('turns an error of Kong into a rejected call', async () => {
    const event = createEvent();
    const call = createKong(event).request?.getRawBody?.();
    await event.next();
    event.answer(undefined, 'no memory');
    await expect(call).rejects.toThrow('kong.request.get_raw_body failed');
  });

  it('says so when an answer comes that no call waits for', () => {
    expect(createEvent().answer('x')).toBe(false);
  });
});
