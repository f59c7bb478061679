import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { queryRows } from '../database/query-rows.ts';
import { createTestDatabase, hasPostgres, type TestDatabase } from '../database/testing/test-database.ts';
import { monthStart } from '../domain/invocations/invocation-time.ts';
import { createIngest, type Ingest } from '../ledger/ingest.ts';
import { listPartitions } from '../ledger/partitions.ts';
import { countRows } from '../ledger/testing/count-rows.ts';
import { incoming, newEvent } from '../ledger/testing/events.ts';
import { applyRetention } from './apply-retention.ts';
import { verifyDays } from './verify-days.ts';

describe.skipIf(!hasPostgres)('retention', () => {
  let test: TestDatabase;
  let ingest: Ingest;
  const now = new Date();
  const thisMonth = now.toISOString().slice(0, 7);
  const middleOf = (offset: number): string => `${monthStart(thisMonth, offset).slice(0, 8)}15T12:00:00.000Z`;
  const today = now.toISOString().slice(0, 10);
  // Three months of late calls that were all recorded today, in one batch.
  const offsets = [-5, -4, -3, -3];
  const events = offsets.map((offset, index) => newEvent({ sequence: index + 1, occurredAt: middleOf(offset) }));

  beforeEach(async () => {
    test = await createTestDatabase();
    ingest = createIngest(test.database);
    await ingest({ nodeId: 'gw-1', events: incoming(events) });
  });
  afterEach(() => test.close());

  const months = async () => (await listPartitions(test.database)).map(({ month }) => month);
  const monthAt = (offset: number): string => monthStart(thisMonth, offset).slice(0, 7);
  const verify = () => verifyDays(test.database, { from: today, to: today });

  it('drops the months before the kept ones after verifying them; sums, head and the rest of the chain stay', async () => {
    const outcome = await applyRetention(test.database, { now, rawMonths: 3 });
    expect(outcome).toMatchObject({ ok: true, retired: [{ month: monthAt(-5) }, { month: monthAt(-4) }] });
    expect(await months()).toEqual([monthAt(-3)]);
    expect(await countRows(test.database)).toMatchObject({ raw: 2n, rollup: 4n, chained: 4n });
    expect(await verify()).toEqual({ ok: true, days: 1, verified: 2, retired: 2 });
  });

  it('says in a dry run what it would drop and drops nothing', async () => {
    const outcome = await applyRetention(test.database, { now, rawMonths: 3, dryRun: true });
    expect(outcome).toMatchObject({ ok: true, retired: [{ month: monthAt(-5), verified: 4 }, { month: monthAt(-4) }] });
    expect(await months()).toHaveLength(3);
    expect(await queryRows(test.database, 'select kept_from from retention')).toEqual([{ kept_from: null }]);
  });

  it('keeps 13 months unless told otherwise', async () => {
    expect(await applyRetention(test.database, { now })).toEqual({ ok: true, retired: [] });
  });

  it('never counts an event again whose month was dropped', async () => {
    await applyRetention(test.database, { now, rawMonths: 3 });
    expect(await ingest({ nodeId: 'gw-1', events: incoming(events) })).toMatchObject({
      accepted: 0,
      duplicate: 2,
      quarantined: [{ reason: 'retired' }, { reason: 'retired' }],
    });
    expect(await months()).toEqual([monthAt(-3)]);
    expect(await countRows(test.database)).toMatchObject({ rollup: 4n });
  });

  it('drops nothing of which a row was changed, and names it', async () => {
    await test.database.transaction(async (transaction) => {
      await transaction.raw(`set local session_replication_role = 'replica'`);
      await transaction('invocation').where('id', events[1]?.id).update({ tenant: 'globex' });
    });
    expect(await applyRetention(test.database, { now, rawMonths: 3 })).toMatchObject({
      ok: false,
      retired: [],
      month: monthAt(-5),
      finding: { kind: 'altered', id: events[1]?.id },
    });
    expect(await months()).toHaveLength(3);
  });

  it('still notices a change of what it kept', async () => {
    await applyRetention(test.database, { now, rawMonths: 3 });
    await test.database.transaction(async (transaction) => {
      await transaction.raw(`set local session_replication_role = 'replica'`);
      await transaction('invocation').where('id', events[3]?.id).delete();
    });
    expect(await verify()).toMatchObject({ ok: false, finding: { kind: 'deleted', id: events[3]?.id } });
  });
});
