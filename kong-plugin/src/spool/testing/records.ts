import { buildRecord } from '../../domain/records/build-record.ts';
import type { InvocationRecord } from '../../domain/records/invocation-record.ts';
import { NOT_SETTLED } from '../../domain/records/invocation-event.ts';
import { toStored, type StoredRecord } from '../../domain/records/stored-record.ts';

export const noon = Date.UTC(2026, 10, 25, 12);

/** A record that differs from every other by its number. */
export const testRecord = (number: number, fields: Partial<InvocationRecord> = {}): InvocationRecord => ({
  ...buildRecord(
    {
      outcome: 'ok',
      request_id: `request-${number}`,
      started_at: noon + number,
      client_ip: '127.0.0.1',
      method: 'POST',
      path: '/mcp',
      status: 200,
      request_bytes: 100,
      response_bytes: 50,
      latency: { total: 3 },
    },
    {
      server: 'orders',
      kind: 'tool',
      method: 'tools/call',
      tool: 'search_orders',
      decision: 'allow',
      tenant: 'acme',
      arguments: { text: 'ü😀"\n' },
    },
  ),
  ...fields,
});

/** What is recorded of it when nobody ever hears of it again. */
export const unsettled = (number: number): InvocationRecord =>
  testRecord(number, { outcome: NOT_SETTLED.outcome, outcomeWhy: NOT_SETTLED.why, status: 0 });

/** The same as files and ledgers keep it. */
export const storedTest = (number: number, fields: Partial<InvocationRecord> = {}): StoredRecord =>
  toStored(testRecord(number, fields));
