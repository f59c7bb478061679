import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createTestDatabase, hasPostgres, type TestDatabase } from '../../database/testing/test-database.ts';
import { createNodeCredential, findNodeByToken } from '../../ledger/node-credentials.ts';
import { createIngest } from '../../ledger/ingest.ts';
import { addToQuarantine } from '../../ledger/quarantine.ts';
import { createMetrics } from '../metrics.ts';
import { createTestApi } from '../testing/test-api.ts';

describe.skipIf(!hasPostgres)('routes of operations', () => {
  let test: TestDatabase;
  beforeAll(async () => {
    test = await createTestDatabase();
  });
  afterAll(() => test.close());

  it('show nodes and what is missing of them', async () => {
    await createNodeCredential(test.database, 'node-1');
    await test.database('billing.node').update({ skew_ms: 250 });
    const at = new Date('2026-11-20T11:00:00Z');
    await test.database('billing.node_epoch').insert({
      ...{ node_id: 'node-1', epoch: 'e1', contiguous_sequence: 4, max_sequence: 9, first_seen: at, last_seen: at },
    });
    await test.database('billing.node_gap').insert({
      ...{ node_id: 'node-1', epoch: 'e1', from_sequence: 5, to_sequence: 8, opened_at: at },
    });
    expect((await createTestApi(test.database).get('/v1/nodes')).json).toMatchObject({
      items: [{ nodeId: 'node-1', openGaps: 1, missing: 4, skewMs: 250 }],
      gaps: [{ nodeId: 'node-1', epoch: 'e1', from: 5, to: 8, openedAt: at.toISOString() }],
    });
  });

  it('page through the quarantine without what was received', async () => {
    const events = Array.from({ length: 5 }, (_, index) => ({
      ...{
        id: `id-${index}`,
        reason: index === 0 ? 'conflict' : 'invalid',
        detail: 'data.tool',
        raw: `secret ${index}`,
      },
    })) as Parameters<typeof addToQuarantine>[2];
    await addToQuarantine(test.database, 'node-1', events);
    const api = createTestApi(test.database);
    const first = await api.get('/v1/quarantine?limit=2');
    const second = await api.get(`/v1/quarantine?limit=2&cursor=${first.json.nextCursor}`);
    expect([...first.json.items, ...second.json.items].map(({ eventId }) => eventId)).toEqual([
      'id-0',
      'id-1',
      'id-2',
      'id-3',
    ]);
    expect(first.text).not.toContain('secret');
    expect((await api.get('/v1/quarantine?reason=conflict')).json.items).toHaveLength(1);
    expect((await api.get('/v1/quarantine?reason=conflct')).json.errors[0].fix).toContain('Did you mean conflict?');
  });

  it('answer probes without a token, and metrics only with one', async () => {
    const metrics = createMetrics({ version: '1.2.3', database: test.database, withProcess: false });
    const api = createTestApi(test.database, { metrics });
    expect((await api.get('/healthz', '')).json).toEqual({ status: 'ok' });
    expect((await api.get('/readyz', '')).json).toEqual({ status: 'ready' });
    expect((await api.get('/metrics', '')).status).toBe(401);
    expect((await api.get('/metrics', 'acme')).status).toBe(403);
    await api.get('/v1/budgets/enforcement');
    const { text, headers } = await api.get('/metrics', 'usage');
    expect(headers.get('content-type')).toContain('text/plain');
    expect(text).toContain('stoa_billing_build_info{version="1.2.3"} 1');
    expect(text).toContain(
      'stoa_billing_http_requests_total{method="GET",route="/v1/budgets/enforcement",status="200"} 1',
    );
    expect(text).toContain('stoa_billing_node_missing_records{node="node-1"} 4');
    expect(text).toContain('stoa_billing_node_clock_skew_seconds{node="node-1"} 0.25');
    expect(text).toContain('stoa_billing_quarantine_open 5');
    expect(text).toContain('stoa_billing_database_up 1');
  });

  it('are not ready on a database that lacks migrations, and alive all the same', async () => {
    const other = await createTestDatabase();
    await other.database.raw('drop table billing.migration');
    const metrics = createMetrics({ version: '1', database: other.database, withProcess: false });
    const api = createTestApi(other.database, { metrics });
    expect((await api.get('/readyz', '')).status).toBe(503);
    expect((await api.get('/healthz', '')).status).toBe(200);
    await other.database.raw('drop table billing.node cascade');
    expect((await api.get('/metrics')).text).toContain('stoa_billing_database_up 0');
    await other.close();
  });

  it('take batches of nodes beside the tokens of people, above the limit that people have', async () => {
    const made = await createNodeCredential(test.database, 'node-2');
    if (!made.ok) throw new Error('no credential');
    const findNode = (token: string) => findNodeByToken(test.database, token);
    const api = createTestApi(test.database, { ingest: { ingest: createIngest(test.database), findNode } });
    const send = (token: string, body: string) =>
      api.app.request('/v1/invocations', {
        method: 'POST',
        headers: { authorization: `Bearer ${token}`, 'content-type': 'application/x-ndjson' },
        body,
      });
    expect((await send('admin', '')).status).toBe(401);
    const answer = await send(made.value.token, `${JSON.stringify({ padding: 'x'.repeat(100_000) })}\n`);
    expect([answer.status, await answer.json()]).toMatchObject([
      200,
      { accepted: 0, quarantined: [{ reason: 'invalid' }] },
    ]);
  });
});
