import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ConfigIssue } from '../kong-plugin/local-gateway/declarative-config/kong-schema.ts';
import {
  processRecord,
  withoutNulls,
  type Fields,
} from '../kong-plugin/local-gateway/declarative-config/process-fields.ts';
import { configFields } from '../kong-plugin/src/config/fields.ts';
import { validateKongRecord } from '../kong-plugin/src/config/validate-kong-schema.ts';

/** The local gateway's reading of Kong's schema language is written apart from the plugin's, after Kong's own source. */
const byGateway = (config: Fields): { readonly accepted: boolean; readonly value: unknown } => {
  const issues: ConfigIssue[] = [];
  const value = withoutNulls(processRecord(configFields, config, { path: [], issues }));
  return { accepted: issues.length === 0, value };
};

const byPlugin = (config: Fields): { readonly accepted: boolean; readonly value: unknown } => {
  const checked = validateKongRecord(configFields, config, { path: '' });
  return checked.ok ? { accepted: true, value: checked.value } : { accepted: false, value: undefined };
};

/** Mostly what is right, so that whole configurations are accepted often enough. No `{}` for a list: Lua cannot tell. */
const mostly = (right: readonly unknown[], wrong: readonly unknown[]): fc.Arbitrary<unknown> =>
  fc.oneof({ weight: 24, arbitrary: fc.constantFrom(...right) }, { weight: 1, arbitrary: fc.constantFrom(...wrong) });

const name = mostly(['orders'], ['', 7, null]);
const strings = mostly([['a*'], ['a', 'b']], [[], [''], [3], 'text']);
const maybe = <Value>(value: fc.Arbitrary<Value>): fc.Arbitrary<Value | undefined> =>
  fc.option(value, { nil: undefined });

const rule = fc.record({
  id: mostly(['r1', 'r2'], ['', 1]),
  effect: maybe(mostly(['allow', 'deny'], ['dny'])),
  callers: maybe(fc.record({ consumers: maybe(strings), anonymous: maybe(mostly([true, false], ['yes'])) })),
  tools: maybe(strings),
});

const config = fc.record({
  server: fc.record({ name, kind: maybe(mostly(['mcp', 'rest'], ['soap'])) }),
  guard: maybe(mostly(['mcp-guard', 'post-function'], ['none'])),
  rules: maybe(fc.array(rule, { maxLength: 2 })),
  limits: maybe(fc.record({ max_body_bytes: maybe(mostly([1024, 67_108_864], [1023, 1024.5, '4096'])) })),
  hosts: maybe(strings),
  oauth: maybe(
    fc.record({
      resource: maybe(mostly(['https://gw.example.com/mcp'], [''])),
      authorization_servers: maybe(strings),
      tool_scopes: maybe(mostly([{}, { a: ['s'] }], [{ a: 's' }])),
    }),
  ),
  counters: maybe(
    fc.record({
      store: maybe(mostly(['memory', 'redis'], ['sqlite'])),
      deadline_ms: maybe(mostly([100, 5], [4])),
    }),
  ),
  surplus: mostly([undefined], [true]),
});

const defined = (value: unknown): unknown => JSON.parse(JSON.stringify(value));

describe("Kong's schema and the plugin's own reader", () => {
  it('accept the same configurations and fill in the same defaults, for 3,000 random ones', () => {
    const seen = { accepted: 0, refused: 0 };
    fc.assert(
      fc.property(config, (random) => {
        const raw = defined(random) as Fields;
        const [gateway, plugin] = [byGateway(raw), byPlugin(raw)];
        expect({ raw, accepted: plugin.accepted }).toEqual({ raw, accepted: gateway.accepted });
        if (gateway.accepted) expect(plugin.value).toEqual(defined(gateway.value));
        seen[gateway.accepted ? 'accepted' : 'refused'] += 1;
      }),
      { numRuns: 3_000, seed: 7 },
    );
    expect(Math.min(seen.accepted, seen.refused)).toBeGreaterThan(100);
  });
});
