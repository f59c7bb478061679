import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { JsonObject } from '../src/domain/json/json-value.ts';
import type { OpaInput } from '../src/domain/opa/opa-decision.ts';
import type { PolicyEngine } from '../src/ports/policy-engine.ts';
import { createOpaHttpEngine } from '../src/stores/opa-http-engine.ts';
import { createOpaWasmEngine } from '../src/stores/opa-wasm-engine.ts';
import {
  buildBundle,
  hasOpa,
  opaTitle,
  removeFolder,
  runOpa,
  startOpa,
  writeFiles,
  type OpaServer,
} from '../src/stores/testing/opa-command.ts';

const policies = import.meta.dirname;
const entrypoint = 'mcp/governance/decision';

describe.skipIf(!hasOpa)(`the starter policy, with ${opaTitle}`, () => {
  it('passes its own tests, of which there are more than 30', async () => {
    const results = JSON.parse(await runOpa(['test', '--bundle', '--format', 'json', policies])) as JsonObject[];
    expect(results.length).toBeGreaterThan(30);
    expect(results.filter((result) => result['fail'] === true || result['error'] !== undefined)).toEqual([]);
  });

  it('passes opa check --strict and is formatted', async () => {
    await runOpa(['check', '--strict', '--bundle', policies]);
    expect(await runOpa(['fmt', '--list', policies])).toBe('');
  });
});

const input = (
  groups: readonly string[],
  name: string,
  more: Partial<OpaInput> & { readonly values?: JsonObject } = {},
) => {
  const { values = {}, ...rest } = more;
  return {
    caller: { tenant: 'acme', groups, tags: [], scopes: [], anonymous: false },
    server: 'orders',
    call: { kind: 'tool', method: 'tools/call', name, arguments: values },
    limits: {},
    time: '2026-11-23T14:05:06.007Z',
    ...rest,
  };
};

const cases: readonly (readonly [string, OpaInput, JsonObject])[] = [
  ['a tool of the role', input(['support'], 'get_order'), { allow: true, obligations: { redact: [] } }],
  [
    'an invoice of 10,000, whose customer is redacted',
    input(['finance'], 'create_invoice', { values: { amount: 10_000 } }),
    { allow: true, obligations: { redact: ['$.customer'] } },
  ],
  [
    'an invoice of 10,000.01',
    input(['finance'], 'create_invoice', { values: { amount: 10_000.01 } }),
    { allow: false, reason: 'create_invoice takes at most 10000 in amount.', obligations: { redact: [] } },
  ],
  [
    'an invoice of 1e999',
    input(['finance'], 'create_invoice', { values: { amount: Infinity } }),
    { allow: false, reason: 'create_invoice takes at most 10000 in amount.', obligations: { redact: [] } },
  ],
  [
    'a refund on a Sunday',
    input(['support'], 'confirm_refund', { time: '2026-11-22T14:05:06.007Z' }),
    {
      allow: false,
      reason: 'confirm_refund is open from 08:00 to 18:00 (Europe/Berlin).',
      obligations: { redact: [] },
    },
  ],
  ['a refund on a Monday', input(['support'], 'confirm_refund'), { allow: true, obligations: { redact: [] } }],
  [
    'a tool of nobody',
    input(['support', 'finance'], 'delete_order'),
    { allow: false, reason: 'The policy of this gateway does not allow this.', obligations: { redact: [] } },
  ],
  [
    'a handshake',
    { ...input([], ''), call: { kind: 'lifecycle', method: 'initialize' } },
    { allow: true, obligations: { redact: [] } },
  ],
];

describe.skipIf(!hasOpa)(`the starter policy decides the same over HTTP and in WASM, with ${opaTitle}`, () => {
  let server: OpaServer;
  let folder = '';
  const engines: PolicyEngine[] = [];
  beforeAll(async () => {
    folder = await writeFiles({});
    server = await startOpa(['--bundle', policies]);
    const overHttp = createOpaHttpEngine({ url: server.url, path: entrypoint, deadlineMs: 10_000 });
    if (!overHttp.ok) throw new Error(overHttp.error);
    const file = path.join(folder, 'bundle.tar.gz');
    await buildBundle({ paths: ['--bundle', policies], entrypoint, output: file });
    const inWasm = createOpaWasmEngine({ file, entrypoint, deadlineMs: 10_000, reloadMs: 0 });
    await inWasm.refresh();
    engines.push(overHttp.value, inWasm);
  });
  afterAll(async () => {
    await Promise.all(engines.map((engine) => engine.close()));
    if (!hasOpa) return;
    await server.stop();
    await removeFolder(folder);
  });

  it.each(cases)('%s', async (_title, question, expected) => {
    const decisions = await Promise.all(engines.map((engine) => engine.decide(question)));
    expect(decisions).toEqual([
      { ok: true, value: expected },
      { ok: true, value: expected },
    ]);
  });
});
