import { describe, expect, it } from 'vitest';
import { parseCommandLine } from './command-line.ts';

const parse = (...parameters: string[]) => {
  const parsed = parseCommandLine(parameters);
  if (!parsed.ok) throw new Error(parsed.error);
  return parsed.value;
};

describe('parseCommandLine', () => {
  it('serves the built-in plugin at the stock socket path without flags', () => {
    expect(parse()).toEqual({
      action: { kind: 'serve' },
      prefix: '/usr/local/kong',
      socketPath: '/usr/local/kong/js_pluginserver.sock',
      hasLogPhase: false,
      level: 'info',
      replace: false,
      exitWithParent: false,
    });
  });

  it.each([
    [['-p', '/run/k', '--sock-name', 'm.sock']],
    [['--kong-prefix', '/run/k', '--sock-name=m.sock']],
    [['-kong-prefix', '/run/k', '-sock-name', 'm.sock']],
    [['-kong-prefix=/run/k', '-sock-name=m.sock']],
    [['-p/run/k', '--sock-name', 'm.sock']],
  ])('takes the socket from %j', (parameters) => {
    expect(parse(...parameters).socketPath).toBe('/run/k/m.sock');
  });

  it.each([[['-d', '/plugins']], [['--plugins-directory', '/plugins']], [['-plugins-directory', '/plugins']]])(
    'takes the plugins directory from %j',
    (parameters) => {
      expect(parse(...parameters).pluginsDirectory).toBe('/plugins');
    },
  );

  it.each([
    [['--dump-all-plugins'], { kind: 'dump' }],
    [['-dump-all-plugins', '-d', '/p'], { kind: 'dump' }],
    [['--dump-plugin-info', 'x'], { kind: 'dump', name: 'x' }],
    [['-dump-plugin-info', 'x'], { kind: 'dump', name: 'x' }],
    [['--version'], { kind: 'version' }],
    [['-version'], { kind: 'version' }],
    [['--help', '--version'], { kind: 'help' }],
  ])('chooses the action of %j', (parameters, action) => {
    expect(parse(...parameters).action).toEqual(action);
  });

  it.each([[['-v']], [['-vv']], [['-v', '-v']], [['--verbose']]])('logs every call with %j', (parameters) => {
    expect(parse(...parameters).level).toBe('debug');
  });

  it.each([[['--bogus']], [['-x']], [['stray']], [['--dump-plugin-info']], [['-p']]])(
    'refuses %j with a text',
    (parameters) => {
      const parsed = parseCommandLine(parameters);
      expect(parsed.ok ? '' : parsed.error).not.toBe('');
    },
  );
});
