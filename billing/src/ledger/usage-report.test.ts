import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createTestDatabase, hasPostgres, type TestDatabase } from '../database/testing/test-database.ts';
import { addDays } from '../domain/invocations/invocation-time.ts';
import { createIngest, type Ingest } from './ingest.ts';
import { liveUsage } from './live-usage.ts';
import { listQuarantine, resolveQuarantined } from './quarantine.ts';
import { reconcileDay } from './reconcile-usage.ts';
import { replayQuarantined } from './replay-quarantined.ts';
import { incoming, newEvent, type EventOptions } from './testing/events.ts';
import { findUnknownTenants, reportUsage } from './usage-report.ts';

const today = new Date().toISOString().slice(0, 10);
const day = addDays(today, -2);
const next = addDays(today, -1);

describe.skipIf(!hasPostgres)('usage', () => {
  let test: TestDatabase;
  let ingest: Ingest;
  let sequence = 0;
  const call = (on: string, record: EventOptions['record'] = {}) => {
    sequence += 1;
    return newEvent({ sequence, occurredAt: `${on}T12:00:00.000Z`, ...(record === undefined ? {} : { record }) });
  };
  beforeAll(async () => {
    test = await createTestDatabase();
    ingest = createIngest(test.database);
    await test.database('tenant').insert({ id: 'acme', name: 'Acme', currency: 'eur' });
    const events = [
      call(day),
      call(day, { latencyMs: { total: 100 } }),
      call(day, { outcome: 'tool_error', application: 'sales' }),
      call(day, { tool: 'list_invoices' }),
      call(next, { outcome: 'refused', decision: 'deny' }),
      call(next, { tenant: 'globex', server: 'crm', tool: 'find' }),
      call(next, { tenant: undefined }),
    ];
    await ingest({ nodeId: 'gw-1', events: incoming(events) });
  });
  afterAll(() => test.close());

  it('of one tenant by tool has number, mean and greatest latency, and bytes', async () => {
    expect(await reportUsage(test.database, { from: day, to: today, tenant: 'acme', groupBy: ['tool'] })).toEqual([
      {
        ...{ tool: 'create_invoice', quantity: 4n, latencyMsMean: 55, latencyMsMax: 100 },
        ...{ requestBytes: 3_200n, responseBytes: 8_000n },
      },
      {
        ...{ tool: 'list_invoices', quantity: 1n, latencyMsMean: 40, latencyMsMax: 40 },
        ...{ requestBytes: 800n, responseBytes: 2_000n },
      },
    ]);
  });

  it('by day, application and outcome keeps each apart', async () => {
    const rows = await reportUsage(test.database, {
      ...{ from: day, to: today, tenant: 'acme', tool: 'create_invoice' },
      groupBy: ['outcome', 'day', 'application'],
    });
    expect(rows.map((row) => [row.day, row.application, row.outcome, Number(row.quantity)])).toEqual([
      [day, 'sales', 'tool_error', 1],
      [day, 'support', 'ok', 2],
      [next, 'support', 'refused', 1],
    ]);
  });

  it('ends before the day in `to`, and is one row of zeros for a time without calls', async () => {
    expect(await reportUsage(test.database, { from: day, to: next, groupBy: [] })).toMatchObject([{ quantity: 4n }]);
    expect(await reportUsage(test.database, { from: '2020-01-01', to: '2020-02-01', groupBy: [] })).toMatchObject([
      { quantity: 0n, latencyMsMean: 0, latencyMsMax: 0 },
    ]);
  });

  it('of all tenants names those without a record, the unattributed among them', async () => {
    expect(await findUnknownTenants(test.database, { from: day, to: today })).toEqual([
      { tenant: '', quantity: 1n, firstDay: next, lastDay: next },
      { tenant: 'globex', quantity: 1n, firstDay: next, lastDay: next },
    ]);
  });

  it('agrees with the single records, and a sum that does not is named with both numbers', async () => {
    expect([await reconcileDay(test.database, day), await reconcileDay(test.database, next)]).toEqual([[], []]);
    const changed = { day, tenant: 'acme', tool: 'list_invoices' };
    await test.database('usage_day').where(changed).update({ n: 3 });
    expect(await reconcileDay(test.database, day)).toMatchObject([{ ...changed, raw: 1n, rollup: 3n }]);
    await test.database('usage_day').where(changed).update({ n: 1, latency_ms_sum: 41 });
    expect(await reconcileDay(test.database, day)).toMatchObject([{ ...changed, raw: 1n, rollup: 1n }]);
    await test.database('usage_day').where(changed).delete();
    expect(await reconcileDay(test.database, day)).toMatchObject([{ ...changed, raw: 1n, rollup: 0n }]);
  });

  it('of the last hour has errors, refusals, and percentiles of the calls that were let through', async () => {
    const other = await createTestDatabase();
    const events = Array.from({ length: 100 }, (_, index) =>
      newEvent({
        sequence: index + 1,
        occurredAt: new Date(Date.now() - 1_000).toISOString(),
        record: { latencyMs: { total: index + 1 }, outcome: index < 5 ? 'tool_error' : 'ok' },
      }),
    );
    const refused = newEvent({
      sequence: 101,
      record: { decision: 'deny', outcome: 'refused', latencyMs: { total: 0 } },
    });
    const old = newEvent({ sequence: 102, occurredAt: new Date(Date.now() - 2 * 3_600_000).toISOString() });
    await createIngest(other.database)({ nodeId: 'gw-1', events: incoming([...events, refused, old]) });
    const expected = {
      server: 'orders',
      tool: 'create_invoice',
      calls: 101n,
      errors: 5n,
      refused: 1n,
      p50: 50,
      p95: 95,
      p99: 99,
    };
    expect(await liveUsage(other.database, { server: 'orders', minutes: 60 })).toMatchObject([expected]);
    expect(await liveUsage(other.database, { tool: 'create_invoice', tenant: 'acme', minutes: 60 })).toMatchObject([
      expected,
    ]);
    expect(await liveUsage(other.database, { server: 'orders', minutes: 180 })).toMatchObject([{ calls: 102n }]);
    expect(await liveUsage(other.database, { server: 'crm', minutes: 60 })).toEqual([]);
    await other.close();
  });

  describe('of events that were kept aside', () => {
    const ahead = newEvent({ sequence: 500, occurredAt: new Date(Date.now() + 3_600_000).toISOString() });

    it('comes once the reason has passed, once', async () => {
      const other = await createTestDatabase();
      const write = createIngest(other.database);
      // A clock that was an hour ahead: what it called the future was written down earlier than it says.
      await write({ nodeId: 'gw-1', events: incoming([ahead]) });
      const [entry] = await listQuarantine(other.database, { reason: 'future' });
      const id = entry?.quarantineId ?? 0n;
      expect(await replayQuarantined(other.database, write, id)).toEqual({ kind: 'quarantined', reason: 'future' });
      const past = newEvent({ sequence: 501 });
      await other
        .database('quarantine')
        .where({ id: String(id) })
        .update({ raw: JSON.stringify(past) });
      expect(await replayQuarantined(other.database, write, id)).toEqual({ kind: 'accepted' });
      expect(await replayQuarantined(other.database, write, id)).toEqual({ kind: 'not_found' });
      expect(await listQuarantine(other.database)).toEqual([]);
      expect(await listQuarantine(other.database, { withResolved: true })).toMatchObject([
        { resolution: 'replayed: accepted' },
      ]);
      expect(await reportUsage(other.database, { from: day, to: addDays(today, 2), groupBy: [] })).toMatchObject([
        { quantity: 1n },
      ]);
      await other.close();
    });

    it('never comes when somebody dismisses them', async () => {
      await ingest({ nodeId: 'gw-1', events: incoming([ahead]) });
      const [entry] = await listQuarantine(test.database);
      expect(await resolveQuarantined(test.database, entry?.quarantineId ?? 0n, 'dismissed by ann: test call')).toBe(
        true,
      );
      expect(await resolveQuarantined(test.database, entry?.quarantineId ?? 0n, 'again')).toBe(false);
      expect(await replayQuarantined(test.database, ingest, entry?.quarantineId ?? 0n)).toEqual({ kind: 'not_found' });
    });
  });
});
