import { describe, expect, it } from 'vitest';
import { createPluginModule } from '../../src/host/plugin-module.ts';
import type { ConfigIssue } from './kong-schema.ts';
import { toPluginSchema } from './plugin-schema.ts';
import { processRecord } from './process-fields.ts';

const record = (required?: boolean) => ({
  type: 'record',
  ...(required === undefined ? {} : { required }),
  fields: [{ url: { type: 'string', required: true } }],
});

const check = (
  fields: readonly unknown[],
  value: object,
): { readonly issues: readonly ConfigIssue[]; readonly record: unknown } => {
  const { config } = toPluginSchema({ name: 'demo', fields: [{ config: { type: 'record', fields } }] });
  const issues: ConfigIssue[] = [];
  return { record: processRecord(config.fields ?? [], value as Record<string, unknown>, { path: [], issues }), issues };
};

describe('the schema of a plugin', () => {
  // Seen on Kong 3.9.1: kong.yml was refused for records that nobody had written (kong/db/schema/entity.lua).
  it('makes a record required that does not say whether it is, as Kong does', () => {
    expect(check([{ remote: record() }], {}).issues).toEqual([
      { path: ['remote', 'url'], message: 'required field missing' },
    ]);
    expect(check([{ outer: { type: 'record', fields: [{ remote: record() }] } }], {}).issues).toHaveLength(1);
  });

  it('leaves one out that says it is optional', () => {
    expect(check([{ remote: record(false) }], {})).toEqual({ issues: [], record: { remote: null } });
  });

  it('does not look at records in lists', () => {
    const list = { type: 'array', elements: { type: 'record', fields: [{ remote: record() }] } };
    expect(check([{ list }], { list: [{}] }).issues).toEqual([]);
  });

  it('of mcp-governance asks for nothing but what it says is required', () => {
    const { Schema: fields } = createPluginModule({} as never, { hasLogPhase: false });
    expect(check(fields, { server: { name: 'orders' } }).issues).toEqual([]);
  });
});
