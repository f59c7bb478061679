import { EventEmitter } from 'node:events';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { isStartedByKong, onStopSignal, surviveStrayErrors, watchParent } from './process-life.ts';

class FakeProcess extends EventEmitter {
  ppid = 100;
}

const createLog = () => {
  const lines: string[] = [];
  const log = (message: string) => void lines.push(message);
  return { lines, logger: { debug: log, info: log, warn: log, error: log } };
};

describe('surviveStrayErrors', () => {
  it('logs an unhandled rejection and an uncaught exception, and goes on', () => {
    const host = new FakeProcess();
    const { lines, logger } = createLog();
    surviveStrayErrors(host, logger);
    host.emit('unhandledRejection', new Error('a'));
    host.emit('uncaughtException', new Error('b'));
    expect(lines).toEqual(['unhandled rejection', 'uncaught exception']);
  });
});

describe('onStopSignal', () => {
  it('stops in order at the first signal and aborts at the second', () => {
    const host = new FakeProcess();
    const actions: string[] = [];
    onStopSignal(host, { stop: () => actions.push('stop'), abort: () => actions.push('abort') });
    host.emit('SIGTERM');
    host.emit('SIGINT');
    expect(actions).toEqual(['stop', 'abort']);
  });
});

describe('isStartedByKong', () => {
  it.each([
    ['nginx', true],
    ['bash', false],
    ['node', false],
    ['', false],
  ])('a parent named "%s": %s', (name, expected) => {
    expect(isStartedByKong(100, () => name)).toBe(expected);
  });

  it('does not take this test runner for Kong', () => {
    expect(isStartedByKong(process.ppid)).toBe(false);
  });
});

describe('watchParent', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  const watch = (host: FakeProcess, replaced: { value: boolean }) => {
    const onGone = vi.fn();
    const { logger } = createLog();
    const cancel = watchParent({ host, logger, isReplaced: () => Promise.resolve(replaced.value), onGone });
    return { onGone, cancel };
  };

  it('does nothing in an hour as long as the parent lives', async () => {
    const { onGone, cancel } = watch(new FakeProcess(), { value: false });
    await vi.advanceTimersByTimeAsync(3_600_000);
    expect(onGone).not.toHaveBeenCalled();
    cancel();
  });

  it('goes on for 10 s after the parent died, then stops once', async () => {
    const host = new FakeProcess();
    const { onGone } = watch(host, { value: false });
    host.ppid = 1;
    await vi.advanceTimersByTimeAsync(10_000);
    expect(onGone).not.toHaveBeenCalled();
    await vi.advanceTimersByTimeAsync(2_000);
    expect(onGone).toHaveBeenCalledTimes(1);
    await vi.advanceTimersByTimeAsync(60_000);
    expect(onGone).toHaveBeenCalledTimes(1);
  });

  it('stops within 1 s once a successor listens', async () => {
    const host = new FakeProcess();
    const replaced = { value: false };
    const { onGone } = watch(host, replaced);
    host.ppid = 1;
    await vi.advanceTimersByTimeAsync(3_000);
    expect(onGone).not.toHaveBeenCalled();
    replaced.value = true;
    await vi.advanceTimersByTimeAsync(1_000);
    expect(onGone).toHaveBeenCalledTimes(1);
  });
});
