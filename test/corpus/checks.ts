import { expect } from 'vitest';
import type { InvocationRecord } from '../../kong-plugin/src/domain/records/invocation-record.ts';
import type { CorpusCase, ExpectedBody, ServerSees } from './case.ts';
import { consumerNamed, kongYml } from './kong-yml.ts';

const serverName = { mcp: 'orders', rest: 'commerce' } as const;

/** The record of a case: what was decided, by which rule, about which call of whom; and no key in it. */
export const checkRecord = (record: InvocationRecord, { as, to, expect: expected }: CorpusCase): void => {
  const { decision, reason, rule, kind, tool } = expected;
  // Whoever is refused for where he comes from has not been identified yet.
  const isIdentified = as !== 'nobody' && reason !== 'origin_refused' && reason !== 'host_refused';
  const consumer = as === 'nobody' || !isIdentified ? undefined : consumerNamed(as);
  expect({
    server: record.server,
    decision: record.decision,
    reason: record.reason,
    rule: record.rule,
    kind: record.kind,
    tool: record.tool,
    consumer: record.consumer,
    tenant: record.tenant,
  }).toEqual({
    server: serverName[to],
    decision,
    reason,
    rule,
    kind,
    tool,
    consumer: consumer?.username,
    tenant: consumer?.tags.find((tag) => tag.startsWith('tenant:'))?.slice('tenant:'.length),
  });
  checkKeyless(JSON.stringify(record));
};

/** No key of kong.yml stands in the text. */
export const checkKeyless = (text: string): void => {
  for (const { keyauth_credentials } of kongYml.consumers)
    for (const { key } of keyauth_credentials) expect(text).not.toContain(key);
};

export const checkBody = (text: string, expected: ExpectedBody): void => {
  const body: unknown = JSON.parse(text);
  if ('exactly' in expected) expect(body).toEqual(expected.exactly);
  else expect(body).toMatchObject(expected.including);
};

/** What is forwarded, by header names in lower case. */
export const checkForwarded = (
  forwarded: { readonly headers: ReadonlyMap<string, string>; readonly query: string },
  sees: ServerSees,
): void => {
  expect((sees.without ?? []).filter((name) => forwarded.headers.has(name))).toEqual([]);
  for (const [name, value] of Object.entries(sees.with ?? {}))
    expect(forwarded.headers.get(name), `the header ${name}`).toBe(value);
  if (sees.query !== undefined) expect(forwarded.query).toBe(sees.query);
  checkKeyless(JSON.stringify([...forwarded.headers]));
  checkKeyless(forwarded.query);
};
