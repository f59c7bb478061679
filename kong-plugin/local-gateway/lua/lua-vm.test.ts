import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { cjsonModule, indexed, live, LuaError, LuaExit, LuaVm, ngxHelpers, returns } from './lua-vm.ts';
import type { HostTable, LuaValue } from './lua-vm.ts';

const opened: LuaVm[] = [];
const folders: string[] = [];

afterEach(() => {
  for (const vm of opened.splice(0)) vm.close();
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true });
});

const createVm = (globals: HostTable = {}, modules: Readonly<Record<string, HostTable>> = {}, searchPath?: string) => {
  const vm = new LuaVm({ globals, modules, ...(searchPath === undefined ? {} : { searchPath }) });
  opened.push(vm);
  return vm;
};

const createFolder = (files: Readonly<Record<string, string>>): string => {
  const folder = mkdtempSync(join(tmpdir(), 'lua-vm-'));
  folders.push(folder);
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(join(folder, name, '..'), { recursive: true });
    writeFileSync(join(folder, name), text);
  }
  return folder;
};

describe('values between JavaScript and Lua', () => {
  const values: readonly (readonly [string, LuaValue])[] = [
    ['a boolean', false],
    ['an integer', 7],
    ['an integer beyond 32 bits', 1_700_000_000_123],
    ['an integer beyond 53 bits', 2 ** 63],
    ['a fraction', -1.5],
    ['a text outside ASCII', 'Grüße \u2028 😀'],
    ['a text that starts with a byte order mark', '\ufeffx'],
    ['bytes that are not UTF-8', new Uint8Array([0, 255, 254, 0])],
    ['null', null],
    ['nil', undefined],
    ['a list', [1, 'two', [3]]],
    ['a map', { a: { b: ['c'] }, __proto__x: 1 }],
    ['an empty list', []],
  ];

  it.each(values)('%s comes back as it went in', (_name, value) => {
    expect(createVm().run('return ...', [value])).toEqual(value);
  });

  it('an empty map comes back as an empty list, as over MessagePack', () => {
    expect(createVm().run('return ...', [{}])).toEqual([]);
  });

  it('a table with a gap or with mixed keys comes back as a map', () => {
    const vm = createVm();
    expect(vm.run('return { [1] = "a", [3] = "c" }')).toEqual({ '1': 'a', '3': 'c' });
    expect(vm.run('return { "a", name = "b" }')).toEqual({ '1': 'a', name: 'b' });
  });

  it('a table that contains itself is refused and not read for ever', () => {
    const vm = createVm({ take: () => undefined });
    expect(() => vm.run('local t = {}; t.t = t; take(t)')).toThrow(/deeper than 1000 levels/);
  });

  it('a Lua string keeps its bytes when JavaScript changes its copy', () => {
    const vm = createVm({
      spoil: (bytes) => {
        (bytes as Uint8Array).fill(0);
        return undefined;
      },
    });
    expect(vm.run('local s = "\\255\\254"; spoil(s); return s == "\\255\\254"')).toBe(true);
  });
});

describe('host tables', () => {
  it('live entries are read and written at each access, other keys stay ordinary', () => {
    let status = 200;
    const kong = {
      status: live(
        () => status,
        (value) => (status = value as number),
      ),
      plain: 1,
    };
    const vm = createVm({ kong });
    expect(vm.run('kong.status = kong.status + 1; kong.guard = { kong.status }; return kong.guard')).toEqual([201]);
    status = 503;
    expect(vm.run('return { kong.status, kong.plain, kong.other == nil }')).toEqual([503, 1, true]);
  });

  it('a live entry without a setter cannot be written', () => {
    expect(() => createVm({ ngx: { ctx: live(() => 1) } }).run('ngx.ctx = 2')).toThrow(/ctx is read-only/);
  });

  it('an indexed table asks for every key', () => {
    const headers = new Map<LuaValue, LuaValue>([['host', 'a.example']]);
    const table = indexed(
      (key) => headers.get(key),
      (key, value) => headers.set(key, value),
    );
    const vm = createVm({ ngx: { header: table } });
    expect(
      vm.run('ngx.header["x-a"] = "1"; return { ngx.header.host, ngx.header["x-a"], ngx.header.none == nil }'),
    ).toEqual(['a.example', '1', true]);
  });

  it('host functions return several values', () => {
    const vm = createVm({ get: () => returns(undefined, 'too large') });
    expect(vm.run('local value, err = get(); return { value == nil, err }')).toEqual([true, 'too large']);
  });

  it('a live Lua table is shared between JavaScript and Lua until it is released', () => {
    const vm = createVm();
    const shared = vm.newTable();
    shared.set('a', 1);
    expect(vm.run('local t = ...; t.b = { t.a + 1 }; return t.a', [shared])).toBe(1);
    expect(shared.get('b')).toEqual([2]);
    expect(shared.toValue()).toEqual({ a: 1, b: [2] });
    shared.release();
    expect(() => shared.get('a')).toThrow('released');
  });
});

describe('errors and exits', () => {
  it('a JavaScript exception is a Lua error with its message, which pcall catches', () => {
    const vm = createVm({
      fail: () => {
        throw new TypeError('no phase');
      },
    });
    expect(vm.run('local ok, err = pcall(fail); return { ok, err }')).toEqual([false, 'no phase']);
    expect(() => vm.run('fail()')).toThrow(LuaError);
  });

  const exits: readonly (readonly [string, string])[] = [
    ['plainly', 'exit()'],
    ['inside pcall', 'pcall(exit)'],
    ['inside two pcalls', 'pcall(pcall, exit)'],
    ['inside xpcall', 'xpcall(exit, function() return "handled" end)'],
    ['inside a coroutine', 'coroutine.resume(coroutine.create(exit))'],
    ['inside a wrapped coroutine', 'pcall(coroutine.wrap(exit))'],
    ['through a table', 'pcall(function() return kong.leave end)'],
  ];

  it.each(exits)('a LuaExit thrown %s ends the Lua code and arrives as the same object', (_name, code) => {
    const exit = new LuaExit('403');
    const reached: LuaValue[] = [];
    const leave = () => {
      throw exit;
    };
    const vm = createVm({ exit: leave, kong: { leave: live(leave) }, reach: (value) => void reached.push(value) });
    let thrown: unknown;
    try {
      vm.run(`${code}\nreach("after")`);
    } catch (error) {
      thrown = error;
    }
    expect(thrown).toBe(exit);
    expect(reached).toEqual([]);
    expect(vm.run('return 1')).toBe(1);
  });

  it('a Lua error carries its message and the traceback', () => {
    expect(() => createVm().run('local function deep() error("boom") end deep()')).toThrow(/boom[\s\S]*traceback/);
  });

  it('endless recursion is an error and the VM stays usable', () => {
    const vm = createVm();
    expect(() => vm.run('local function f() return 1 + f() end f()')).toThrow(LuaError);
    expect(vm.run('return 1')).toBe(1);
  });

  it('a closed VM refuses calls', () => {
    const vm = createVm();
    vm.close();
    expect(() => vm.run('return 1')).toThrow('closed');
  });
});

describe('plugins and paths', () => {
  it('a plugin is loaded with its own modules and its methods are called with self', () => {
    const folder = createFolder({
      'kong/plugins/x/handler.lua':
        'local part = require "kong.plugins.x.part"\nlocal M = { n = part.n }\nfunction M:access(conf) self.n = self.n + conf.add return self.n end\nreturn M',
      'kong/plugins/x/part.lua': 'return { n = 40 }',
    });
    const vm = createVm({}, {}, folder);
    const plugin = vm.loadPlugin(join(folder, 'kong/plugins/x/handler.lua'));
    expect(vm.callMethod(plugin, 'access', { add: 2 })).toBe(42);
    expect(plugin.get('n')).toBe(42);
  });

  it('require finds host modules, and nothing outside the search path', () => {
    const vm = createVm({}, { 'cjson.safe': cjsonModule() }, createFolder({ 'bad.lua': 'return (' }));
    expect(vm.run('return require("cjson.safe").encode({ a = 1 })')).toBe('{"a":1}');
    expect(() => vm.run('require "kong.plugins.acl.groups"')).toThrow(/no module 'kong.plugins.acl.groups'/);
    expect(() => vm.run('require "bad"')).toThrow(/unexpected symbol/);
    expect(() => vm.run('require "toString"')).toThrow(/no module 'toString'/);
  });

  it('callPath finds functions below the globals; a missing one answers undefined', () => {
    const vm = createVm({ kong: {} });
    vm.run('kong.guard = { facts = function(options) return options.limit + 1 end }');
    expect(vm.callPath('kong.guard.facts', [{ limit: 1 }])).toBe(2);
    for (const path of ['kong.guard.none', 'kong.none.facts', 'none', 'kong.guard', 'kong.guard.facts.deeper']) {
      expect(vm.callPath(path, [])).toBeUndefined();
    }
  });

  it('callPath leaves a function that yields, and says so; the VM stays usable', () => {
    const vm = createVm({ kong: {} });
    vm.run('kong.guard = { admit = function() seen = 1; coroutine.yield(); seen = 2 end }');
    const left: string[] = [];
    expect(vm.callPath('kong.guard.admit', [], () => left.push('left'))).toBeUndefined();
    const exit = new LuaExit('left');
    expect(() =>
      vm.callPath('kong.guard.admit', [], () => {
        throw exit;
      }),
    ).toThrow(exit);
    expect([left, vm.run('return seen')]).toEqual([['left'], 1]);
  });
});

describe('Lua 5.1 compatibility', () => {
  it('numbers print as in 5.1, and 5.1 functions exist', () => {
    const code =
      'return { tostring(3.0), tostring(2^40), tostring(1.5), (unpack({ 7 })), loadstring("return 8")(), math.pow(2, 3) }';
    expect(createVm().run(code)).toEqual(['3', '1099511627776', '1.5', 7, 8, 8]);
  });

  it.each([1_795_645_330, 1_795_645_330.272, 4_000_000_000])('a time of %d s has its milliseconds', (seconds) => {
    const vm = createVm({ clock: () => seconds });
    expect(vm.run('return clock() * 1000 + 0.5')).toBe(seconds * 1000 + 0.5);
  });

  it('what 5.1 lacks is missing', () => {
    expect(createVm().run('return { utf8 == nil, math.tointeger == nil, string.pack == nil }')).toEqual([
      true,
      true,
      true,
    ]);
  });
});

describe('cjson', () => {
  const vm = () => createVm({}, { 'cjson.safe': cjsonModule(), cjson: cjsonModule({ raises: true }) });

  it.each([
    ['{"id":1,"result":{"list":[]}}', { id: 1, result: { list: [] } }],
    ['[1,null,"\\u00e9"]', [1, null, 'é']],
    ['{"__proto__":{"x":1}}', Object.fromEntries([['__proto__', { x: 1 }]])],
    ['7', 7],
  ])('decodes %s', (text, value) => {
    expect(vm().run('return require("cjson.safe").decode(...)', [text])).toEqual(value);
  });

  it('safe returns nil and the message, plain raises', () => {
    const lua = vm();
    expect(lua.run('local v, e = require("cjson.safe").decode("{"); return { v == nil, type(e) }')).toEqual([
      true,
      'string',
    ]);
    expect(() => lua.run('require("cjson").decode("{")')).toThrow();
  });

  it('refuses JSON deeper than 1,000 levels', () => {
    const nest = (levels: number) => '['.repeat(levels) + ']'.repeat(levels);
    const lua = vm();
    expect(lua.run('return require("cjson.safe").decode(...) ~= nil', [nest(1_000)])).toBe(true);
    expect(lua.run('return require("cjson.safe").decode(...) == nil', [nest(1_001)])).toBe(true);
  });

  it('encodes as lua-cjson does: an empty table is an object, null stays null', () => {
    expect(vm().run('local c = require "cjson.safe"; return c.encode({ a = {}, n = c.null, l = { 1, 2 } })')).toBe(
      '{"a":{},"n":null,"l":[1,2]}',
    );
    expect(vm().run('return require("cjson.safe").encode(0/0) == nil')).toBe(true);
  });
});

describe('ngx helpers', () => {
  const vm = () => createVm({ ngx: ngxHelpers({ nowSeconds: () => 1_700_000_000.25 }) });

  it('base64 is exact for any byte, and refuses what is not base64', () => {
    expect(vm().run('return ngx.encode_base64("\\0\\255a")')).toBe('AP9h');
    expect(vm().run('return { ngx.decode_base64("AP9h") == "\\0\\255a", ngx.decode_base64("*") == nil }')).toEqual([
      true,
      true,
    ]);
  });

  it('hmac_sha1 agrees with RFC 2202 test case 2', () => {
    const tag = vm().run('return ngx.hmac_sha1("Jefe", "what do ya want for nothing?")');
    expect(Buffer.from(tag as Uint8Array).toString('hex')).toBe('effcdf6ae5eb2fa2d27416d5f184df9c259a7c79');
  });

  it('now is the given clock, and null is what cjson calls null', () => {
    const lua = createVm({ ngx: ngxHelpers({ nowSeconds: () => 12.5 }) }, { 'cjson.safe': cjsonModule() });
    expect(lua.run('return { ngx.now(), ngx.null == require("cjson.safe").null }')).toEqual([12.5, true]);
  });
});
