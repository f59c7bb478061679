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
    const outcomes = [
      ['a', '{"outcome":"ok"}', '{"admission":{}}'],
      ['b', '{"outcome":"ok"}'],
      ['a', '{"outcome":"none"}'],
    ];
    expect(await desk.take(outcomes)).toEqual({ Unknown: [2] });
    expect(heard).toEqual([{ outcome: 'ok', admission: '{"admission":{}}' }, { outcome: 'none' }]);
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
    const answer = await desk.take([
      ['a', '{}'],
      ['b', '{}'],
    ]);
    expect(answer).toEqual({ Unknown: [] });
    expect(JSON.stringify(logged)).toContain('could not be recorded');
    expect(JSON.stringify(logged)).not.toContain('test-secret');
  });

  it('still knows a plugin for a minute after Kong closed its last instance', async () => {
    const { desk } = open();
    const instance = instanceThat(() => Promise.resolve());
    desk.serve('a', instance, redact);
    desk.retire('a', instance);
    vi.advanceTimersByTime(59_000);
    expect(await desk.take([['a', '{}']])).toEqual({ Unknown: [] });
    vi.advanceTimersByTime(2_000);
    expect(await desk.take([['a', '{}']])).toEqual({ Unknown: [1] });
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
    expect(await desk.take([['a', '{}']])).toEqual({ Unknown: [] });
  });

  it.each([undefined, 'text', { a: 1 }])('refuses %j, which is no list', async (outcomes) => {
    await expect(open().desk.take(outcomes)).rejects.toThrow('Outcomes is not a list');
  });
});
