import { describe, expect, it } from 'vitest';
import { newEvent, type EventOptions } from '../../ledger/testing/events.ts';
import type { InvocationRow } from '../invocations/invocation-row.ts';
import { readInvocationEvent } from '../invocations/read-invocation-event.ts';
import { sumInvocations } from './sum-invocations.ts';

let sequence = 0;
const row = (record: NonNullable<EventOptions['record']>, occurredAt = '2028-02-29T12:00:00.000Z'): InvocationRow => {
  sequence += 1;
  const event = newEvent({ sequence, occurredAt, record });
  const read = readInvocationEvent({ value: event, record: JSON.stringify(event.data) });
  if (!read.ok) throw new Error(read.error.problem);
  return read.value;
};

describe('the sums of a batch', () => {
  it('are by day, tenant, application, server, tool, kind and outcome', () => {
    const rows = [
      row({}),
      row({ latencyMs: { total: 90 }, requestBytes: 5, responseBytes: 6 }),
      row({ tenant: 'globex' }),
      row({ application: 'sales' }),
      row({ server: 'crm' }),
      row({ tool: 'x' }),
      row({ kind: 'operation' }),
      row({ outcome: 'tool_error' }),
      row({}, '2028-03-01T00:00:00.000Z'),
    ];
    const sums = sumInvocations(rows);
    expect(sums).toHaveLength(8);
    expect(sums.find(({ count }) => count === 2)).toEqual({
      ...{ tenant: 'acme', day: '2028-02-29', server: 'orders', tool: 'create_invoice', kind: 'tool' },
      ...{ application: 'support', outcome: 'ok', count: 2, latencyMsSum: 130, latencyMsMax: 90 },
      ...{ requestBytes: 805, responseBytes: 2_006 },
    });
  });

  it('leave out what names no tool', () => {
    expect(sumInvocations([row({ tool: undefined, kind: 'list' })])).toEqual([]);
  });

  it('come in one order whatever the order of the batch, so that two transactions do not deadlock', () => {
    const rows = ['b', 'a', 'B', 'ä', '😀', 'ab'].map((tenant) => row({ tenant }));
    const order = (given: readonly InvocationRow[]) => sumInvocations(given).map(({ tenant }) => tenant);
    expect(order(rows.toReversed())).toEqual(order(rows));
  });

  it('keep apart what would be the same when its fields were joined', () => {
    expect(sumInvocations([row({ server: 'a', tool: 'b c' }), row({ server: 'a b', tool: 'c' })])).toHaveLength(2);
  });
});
