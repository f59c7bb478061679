import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { buildRequest } from '../http/testing/build-request.ts';
import { canonicalJson } from '../json/canonical-json.ts';
import { readJson } from '../json/read-json.ts';
import { readMcpMessage } from '../mcp/read-message.ts';
import { modern, post, readOptions } from '../mcp/testing/mcp-requests.ts';
import { reasons } from '../reason.ts';
import { compileOperations, readOperation } from '../rest/match-operation.ts';
import { readOpenapiOperations } from '../rest/read-openapi.ts';
import { operationsALenientServerMightRun } from './rest-oracle.ts';
import { toolsALenientServerMightRun } from './oracle.ts';
import { anyHeaders, anyHttpMethod, anyPath, modernMessageText, nearCallBody } from './testing/arbitraries.ts';

/** The same inputs in every run, so that a failure is a change; another seed or more runs by the environment. */
const seed = Number(process.env.FUZZ_SEED ?? 20_260_728);
const numRuns = Number(process.env.FUZZ_RUNS ?? 8000);
const parameters = { seed, numRuns };

/** The tool a reader found, `none` for any other call, or the reason of its refusal. */
const read = (body: Uint8Array): { readonly tool?: string; readonly refused: boolean } => {
  const result = readMcpMessage(post(body), { ...readOptions, mcp: { ...readOptions.mcp, toolNames: 'any' } });
  if (!result.ok) return { refused: true };
  return result.value.call.kind === 'tool' ? { tool: result.value.call.name, refused: false } : { refused: false };
};

describe('the MCP reader against lenient servers', () => {
  it('finds exactly the tool that every lenient server would run, or refuses', () => {
    const seen = { read: 0, refused: 0, deniedRead: 0, deniedRefused: 0 };
    fc.assert(
      fc.property(nearCallBody, (body) => {
        const possible = toolsALenientServerMightRun(body);
        const { tool, refused } = read(body);
        seen[refused ? 'refused' : 'read'] += 1;
        if (possible.has('delete_order')) seen[refused ? 'deniedRefused' : 'deniedRead'] += 1;
        if (!refused) expect([...possible]).toEqual(tool === undefined ? [] : [tool]);
        if (possible.has('delete_order')) expect(refused || tool === 'delete_order').toBe(true);
      }),
      parameters,
    );
    // The generator must keep reaching all four corners, or this test proves nothing.
    for (const count of Object.values(seen)) expect(count).toBeGreaterThan(numRuns / 100);
  });

  it('reads a modern call only under headers that name its tool', () => {
    let found = 0;
    fc.assert(
      fc.property(modernMessageText, fc.constantFrom('delete_order', 'search_orders'), (text, named) => {
        const headers = Object.fromEntries(modern('tools/call', { name: named }).headers);
        const result = readMcpMessage(post(text, headers), readOptions);
        if (!result.ok) return;
        found += 1;
        expect(result.value).toMatchObject({ era: 'modern', call: { kind: 'tool', name: named } });
      }),
      parameters,
    );
    expect(found).toBeGreaterThan(numRuns / 100);
  });

  it('knows an oracle that sees through every disguise it is said to see through', () => {
    const call = '{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"delete_order"}}';
    const disguises = [
      call,
      `[{},${call}]`,
      `\ufeff${call}`,
      call.replace('"name"', '"n\\u0061me":"a","NAME"'),
      call.replace('"delete_order"', '"delete_order","name":"a"'),
      call.replace('"method"', '"method\\u0000"'),
      call.replace('"params"', '"paramſ"'),
      call.replace('tools/call', 'Tools\\/Call '),
      call.replace('"id":1', '"id":"\\":\\"{"'),
    ];
    const bodies = [...disguises.map((text) => Buffer.from(text)), Buffer.from(call, 'utf16le')];
    for (const body of bodies) expect([...toolsALenientServerMightRun(body)]).toContain('delete_order');
    expect(toolsALenientServerMightRun(Buffer.from(call.replace('call', 'list'))).size).toBe(0);
  });
});

describe('readers', () => {
  it('never throw, and refuse only with a known reason, whatever the bytes and headers', () => {
    const { matcher } = rest;
    fc.assert(
      fc.property(
        anyHttpMethod,
        anyHeaders,
        fc.oneof(nearCallBody, fc.uint8Array({ maxLength: 60 })),
        fc.tuple(anyPath, fc.string({ unit: 'binary', maxLength: 20 })),
        (method, headers, body, [path, query]) => {
          const request = buildRequest(method, { headers, body, path, query });
          const results = [
            readMcpMessage(request, readOptions),
            readOperation(request, { matcher, limits: readOptions.limits }),
          ];
          for (const result of results) if (!result.ok) expect(reasons).toContain(result.error.reason);
        },
      ),
      parameters,
    );
  });

  it('read every value that JSON.stringify writes, and its canonical text means the same', () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 8 }), (value) => {
        const text = JSON.stringify(value);
        const result = readJson(Buffer.from(text), { maxDepth: 64 });
        if (!result.ok) return expect(result.error.reason).toBe('invalid_encoding');
        expect(result.value.value).toEqual(JSON.parse(text));
        expect(JSON.parse(canonicalJson(result.value.value))).toEqual(JSON.parse(text));
      }),
      parameters,
    );
  });

  it('give an OpenAPI document its operations or its problems, whatever it holds', () => {
    const document = fc.record({ openapi: fc.constantFrom('3.0.0', '2.0'), paths: fc.jsonValue() });
    fc.assert(
      fc.property(fc.oneof(fc.jsonValue(), document), (value) => {
        const result = readOpenapiOperations(JSON.parse(JSON.stringify(value)) as never);
        expect(result.ok || result.error.length > 0).toBe(true);
      }),
      { seed, numRuns: numRuns / 4 },
    );
  });
});

const templates = [
  '/payments',
  '/payments/{id}',
  '/payments/export',
  '/payments/{id}/refunds/{refund}',
  '/payments/{id}/refunds/export',
  '/users/{id}',
  '/users/me',
  '/users/me/settings',
  '/users/{id}/{section}',
  '/export',
];
const operations = templates.map((template) => ({ name: template, method: 'GET', template }));
const rest = { matcher: compileOperations(operations) };

describe('the REST reader against lenient servers', () => {
  it('finds exactly the operation that every lenient server would run, or refuses', () => {
    let found = 0;
    fc.assert(
      fc.property(anyPath, (path) => {
        const result = readOperation(buildRequest('GET', { path }), { ...rest, limits: readOptions.limits });
        if (!result.ok) return;
        found += 1;
        const name = result.value.call.kind === 'operation' ? result.value.call.name : undefined;
        expect([...operationsALenientServerMightRun('GET', path, operations)]).toEqual([name]);
      }),
      parameters,
    );
    expect(found).toBeGreaterThan(numRuns / 50);
  });
});
