import type { Instance } from 'kong-pdk/lib/mod.js';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { OutcomeDesk } from './outcome-desk.ts';

const instanceThat = (conclude: (outcome: unknown) => Promise<void>): Instance =>
  ({ cls: { conclude }, getName: () => 'demo' }) as unknown as Instance;

const open = () => {
  const logged: unknown[] = [];
  const note = (message: string, fields?: object): void => void logged.push({ message, ...fields });
  const desk = new OutcomeDesk({ debug: note, info: note, warn: note, error: note });
  return { desk, logged };
};

/** As mcp-guard sends it. */
const sent = (plugin: string, text = 'ended', admission = ''): readonly Uint8Array[] =>
  [plugin, text, admission].map((part) => Buffer.from(part));

const redact = (text: string): string => text.replaceAll('test-secret', '***');

describe('OutcomeDesk', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  it('hands each outcome with its admission to the newest instance of its plugin, and names those that have none', async () => {
    const { desk } = open();
    const heard: unknown[] = [];
    desk.serve(
      'a',
      instanceThat(() => Promise.reject(new Error('replaced'))),
      redact,
    );
    desk.serve(
      'a',
      instanceThat((outcome) => Promise.resolve(void heard.push(outcome))),
      redact,
    );
    const outcomes = [sent('a', 'first', '{"admission":{}}'), sent('b', 'second'), sent('a', 'third')];
    expect(await desk.take(outcomes)).toEqual([2]);
    expect(heard).toEqual([{ text: 'first', admission: '{"admission":{}}' }, { text: 'third' }]);
  });

  it('goes on after one that cannot be recorded, says so without secrets, and does not ask for it again', async () => {
    const { desk, logged } = open();
    desk.serve(
      'a',
      instanceThat(() => Promise.reject(new Error('no room for test-secret'))),
      redact,
    );
    desk.serve(
      'b',
      instanceThat(() => Promise.resolve()),
      redact,
    );
    const answer = await desk.take([sent('a'), sent('b')]);
    expect(answer).toEqual([]);
    expect(JSON.stringify(logged)).toContain('could not be recorded');
    expect(JSON.stringify(logged)).not.toContain('test-secret');
  });

  it('goes on after one that cannot be read: it would come again for ever', async () => {
    const { desk, logged } = open();
    const heard: unknown[] = [];
    desk.serve(
      'a',
      instanceThat((outcome) => Promise.resolve(void heard.push(outcome))),
      redact,
    );
    expect(await desk.take([[Buffer.from('a'), 'no bytes'], 'no list', sent('a', 'ended')])).toEqual([]);
    expect(heard).toEqual([{ text: 'ended' }]);
    expect(logged).toHaveLength(2);
  });

  it('still knows a plugin for a minute after Kong closed its last instance', async () => {
    const { desk } = open();
    const instance = instanceThat(() => Promise.resolve());
    desk.serve('a', instance, redact);
    desk.retire('a', instance);
    vi.advanceTimersByTime(59_000);
    expect(await desk.take([sent('a')])).toEqual([]);
    vi.advanceTimersByTime(2_000);
    expect(await desk.take([sent('a')])).toEqual([1]);
  });

  it('keeps the instance that replaced a closed one', async () => {
    const { desk } = open();
    const closed = instanceThat(() => Promise.resolve());
    desk.serve('a', closed, redact);
    desk.retire('a', closed);
    desk.serve(
      'a',
      instanceThat(() => Promise.resolve()),
      redact,
    );
    vi.advanceTimersByTime(61_000);
    expect(await desk.take([sent('a')])).toEqual([]);
  });

  it.each([undefined, 'text', { a: 1 }])('refuses %j, which is no list', async (outcomes) => {
    await expect(open().desk.take(outcomes)).rejects.toThrow('the outcomes are not a list');
  });
});
