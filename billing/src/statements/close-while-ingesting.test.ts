import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createTestDatabase, hasPostgres, type TestDatabase } from '../database/testing/test-database.ts';
import { addDays } from '../domain/calendar/day.ts';
import { monthOf } from '../domain/calendar/period.ts';
import { createIngest } from '../ledger/ingest.ts';
import { createNodeCredential } from '../ledger/node-credentials.ts';
import { incoming, newEvents } from '../ledger/testing/events.ts';
import { explainLine } from './explain-line.ts';
import { listStatements } from './statement-store.ts';
import { closed, importText } from './testing/close-fixtures.ts';
import { verifyStatement } from './verify-statement.ts';

const price = `
version: 1
tenants: [{ id: acme, name: Acme GmbH, currency: eur }]
prices: [{ server: orders, tool: create_invoice, currency: eur, model: flat, unit_amount: "0.01", effective_from: 2026-01-01 }]`;

/** The ledger takes what is at most 400 days old, so these months are those before today's. */
const now = new Date();
const month = monthOf(addDays(monthOf(now.toISOString().slice(0, 10)).start, -1));
const nextMonth = monthOf(month.end);
const afterNextMonth = new Date(`${nextMonth.end}T01:00:00.000Z`);

describe.skipIf(!hasPostgres)('a month that is closed while nodes are still sending its calls', () => {
  let test: TestDatabase;
  beforeEach(async () => {
    test = await createTestDatabase();
    await importText(test.database, price);
  });
  afterEach(() => test.close());

  it('bills every call once, on its statement or as a correction, and each statement verifies', async () => {
    const ingest = createIngest(test.database);
    const nodes = ['gw-1', 'gw-2', 'gw-3'];
    for (const nodeId of nodes) await createNodeCredential(test.database, nodeId);
    const occurredAt = `${addDays(month.end, -3)}T12:00:00.000Z`;
    const batches = nodes.flatMap((nodeId) =>
      Array.from({ length: 12 }, (_, index) => ({
        nodeId,
        events: incoming(newEvents(25, { nodeId, first: index * 25 + 1, occurredAt })),
      })),
    );
    const force = { reason: 'nodes are still sending', actor: 'test' };
    // Something is there, so that the first close seals; what comes after it is late.
    const [firstBatch] = batches;
    if (firstBatch !== undefined) await ingest(firstBatch);
    const sending = Promise.all(
      nodes.map(async (nodeId) => {
        for (const batch of batches.filter((one) => one.nodeId === nodeId)) await ingest(batch);
      }),
    );
    // Closed again and again: the first time seals, the later ones find what came since.
    const isSent = sending.then(() => true);
    for (let done = false; !done; done = await Promise.race([isSent, Promise.resolve(false)]))
      await closed(test.database, month, { now: afterNextMonth, force });
    await closed(test.database, month, { now: afterNextMonth, force });
    await closed(test.database, nextMonth, { now: afterNextMonth });

    const total = BigInt(batches.length * 25);
    const statements = await listStatements(test.database, { tenant: 'acme' });
    const lines = statements.flatMap(({ statement }) => statement.lines);
    expect(lines.reduce((sum, { quantity }) => sum + quantity, 0n)).toBe(total);
    expect(lines.reduce((sum, { amountMinor }) => sum + amountMinor, 0n)).toBe(total);
    const first = statements.find(({ statement }) => statement.periodStart === month.start);
    const check = await verifyStatement(test.database, first?.statement.id ?? '');
    expect(check).toMatchObject({ ok: true, value: { faults: [], records: first?.statement.lines[0]?.quantity } });
    const explained = await explainLine(test.database, {
      statementId: first?.statement.id ?? '',
      lineNo: 1,
      limit: 1_000,
    });
    expect(explained.ok && BigInt(explained.value.invocations.length)).toBe(first?.statement.lines[0]?.quantity);
  });
});
