import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { outcomes } from '../../src/host/guard-protocol.ts';
import { LuaVm } from './lua-vm.ts';

const luaFolder = fileURLToPath(new URL('../../lua', import.meta.url));
const guardFolder = join(luaFolder, 'kong/plugins/mcp-guard');
const files = readdirSync(guardFolder).filter((name) => name.endsWith('.lua'));
const hasLuaJit = spawnSync('luajit', ['-v']).status === 0;

describe('the files of mcp-guard', () => {
  it('the rockspec installs each of them and nothing else', () => {
    const rockspec = readFileSync(join(luaFolder, 'mcp-guard-0.1.0-1.rockspec'), 'utf8');
    const listed = [
      ...rockspec.matchAll(/\["kong\.plugins\.mcp-guard\.([a-z]+)"\] = "kong\/plugins\/mcp-guard\/([a-z]+)\.lua"/g),
    ];
    expect(listed.map((match) => match[1])).toEqual(listed.map((match) => match[2]));
    expect(listed.map((match) => `${match[1]}.lua`).sort()).toEqual([...files].sort());
  });

  // Kong loads files of these names by itself: an `api.lua` that is no Admin API takes the whole Admin API down.
  it.each(['api', 'daos', 'migrations', 'status_api', 'migrations.init'])('none is named %s', (name) => {
    expect(files).not.toContain(`${name}.lua`);
  });

  it.each(files)('%s has at most 300 lines', (name) => {
    expect(readFileSync(join(guardFolder, name), 'utf8').split('\n').length).toBeLessThanOrEqual(300);
  });

  it.skipIf(!hasLuaJit).each(files)(
    `%s compiles on LuaJIT${hasLuaJit ? '' : ' (skipped: no luajit on PATH)'}`,
    (name) => {
      const { status, stderr } = spawnSync('luajit', ['-bl', join(guardFolder, name)], { encoding: 'utf8' });
      expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    },
  );

  it.skipIf(!hasLuaJit).each(files)(`%s sets no global${hasLuaJit ? '' : ' (skipped: no luajit on PATH)'}`, (name) => {
    const { stdout } = spawnSync('luajit', ['-bl', join(guardFolder, name)], { encoding: 'utf8' });
    expect(stdout.split('\n').filter((line) => line.includes('GSET'))).toEqual([]);
  });

  it('every outcome the Lua writes is one that the protocol names', () => {
    const text = files.map((name) => readFileSync(join(guardFolder, name), 'utf8')).join('\n');
    const written = [...text.matchAll(/outcome = (?:failed_before and )?"([a-z_]+)"(?: or "([a-z_]+)")?/g)].flatMap(
      (match) => [match[1], match[2]].filter((name) => name !== undefined),
    );
    expect(new Set(written)).toEqual(new Set(outcomes));
  });
});

describe('the schema of mcp-guard', () => {
  const typedefs = { no_consumer: { type: 'foreign', reference: 'consumers' }, protocols_http: { type: 'set' } };
  const vm = new LuaVm({ globals: {}, modules: { 'kong.db.schema.typedefs': typedefs } });
  const schema = vm.loadPlugin(join(guardFolder, 'schema.lua')).toValue() as unknown as {
    readonly name: string;
    readonly fields: readonly Readonly<
      Record<string, { readonly fields?: readonly Readonly<Record<string, object>>[] }>
    >[];
  };

  it('is no plugin of a single consumer, and only for HTTP', () => {
    expect(schema.name).toBe('mcp-guard');
    expect(schema.fields.slice(0, 2)).toEqual([
      { consumer: typedefs.no_consumer },
      { protocols: typedefs.protocols_http },
    ]);
  });

  it('has two fields, each with a description that Kong accepts (10 to 500 characters)', () => {
    const fields = schema.fields[2]?.['config']?.fields ?? [];
    expect(fields.flatMap((field) => Object.keys(field))).toEqual(['scan_limit_bytes', 'log_refusals', 'log_records']);
    for (const field of fields.flatMap((entry) => Object.values(entry))) {
      const { description } = field as { readonly description: string };
      expect(description.length).toBeGreaterThanOrEqual(10);
      expect(description.length).toBeLessThanOrEqual(500);
    }
    expect(fields[0]).toMatchObject({
      scan_limit_bytes: { type: 'integer', default: 1_048_576, between: [1_024, 16_777_216] },
    });
    expect(fields[1]).toMatchObject({ log_refusals: { type: 'boolean', default: true } });
    expect(fields[2]).toMatchObject({ log_records: { type: 'boolean', default: true } });
  });
});
