import { describe, expect, it } from 'vitest';
import type { LogLevel } from './logger.ts';
import { createLogger } from './logger.ts';

const collect = (level: LogLevel) => {
  const lines: string[] = [];
  return { lines, logger: createLogger({ level, write: (line) => lines.push(line), now: () => 1_795_339_428_558 }) };
};

describe('createLogger', () => {
  it('writes one JSON object per line, also for a text with line ends', () => {
    const { lines, logger } = collect('info');
    logger.warn('a\nb', { instance: 7, stack: 'at x\nat y' });
    expect(lines).toHaveLength(1);
    expect(lines[0]?.indexOf('\n')).toBe((lines[0]?.length ?? 0) - 1);
    expect(JSON.parse(lines[0] ?? '')).toEqual({
      time: '2026-11-22T09:23:48.558Z',
      level: 'warn',
      message: 'a\nb',
      instance: 7,
      stack: 'at x\nat y',
    });
  });

  it.each([
    ['debug', 4],
    ['info', 3],
    ['warn', 2],
    ['error', 1],
  ] as const)('at level %s writes %i of one line per level', (level, count) => {
    const { lines, logger } = collect(level);
    for (const name of ['debug', 'info', 'warn', 'error'] as const) logger[name]('x');
    expect(lines).toHaveLength(count);
  });

  it('writes the message alone when a field cannot be printed', () => {
    const { lines, logger } = collect('info');
    logger.info('x', { huge: 1n });
    expect(JSON.parse(lines[0] ?? '')).toMatchObject({ message: 'x', unprintable: true });
  });
});
