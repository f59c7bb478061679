import { describe, expect, it } from 'vitest';
import { toInvocationEvent } from '../domain/records/invocation-event.ts';
import { recordJson } from '../domain/records/record-json.ts';
import { eventLine, readEventLine } from './event-line.ts';
import { testRecord } from './testing/records.ts';

const position = { nodeId: 'gw-1.example', epoch: '019cacafe0000badcafe', sequence: 2 ** 53 - 1 };
const record = testRecord(1);
const line = eventLine({
  head: { id: record.id, time: record.occurredAt, ...position },
  data: recordJson(record),
});

describe('the line of an event', () => {
  it('is the JSON of the event, byte for byte', () => {
    expect(line).toBe(JSON.stringify(toInvocationEvent(record, position)));
  });

  it('is read back to its head and its record', () => {
    expect(readEventLine(line)).toEqual({
      head: { id: record.id, time: record.occurredAt, ...position },
      data: JSON.stringify(record),
    });
  });

  it.each([
    ['nothing', ''],
    ['another JSON', '{"id":"x"}'],
    ['an event of another node name', line.replace('gw-1.example', '../../etc')],
    ['a line that was cut', line.slice(0, -1)],
    ['other members before its data', line.replace('"type"', '"extra":1,"type"')],
  ])('is not read from %s', (_, text) => {
    expect(readEventLine(text)).toBeUndefined();
  });

  it('serialises a record once, however many files keep it', () => {
    let times = 0;
    const counted = { ...record, toJSON: () => ((times += 1), { id: record.id }) };
    expect([recordJson(counted), recordJson(counted)]).toEqual([`{"id":"${record.id}"}`, `{"id":"${record.id}"}`]);
    expect(times).toBe(1);
  });
});
