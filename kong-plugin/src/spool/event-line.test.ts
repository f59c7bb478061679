import { describe, expect, it } from 'vitest';
import { toInvocationEvent } from '../domain/records/invocation-event.ts';
import { eventLine, readEventLine } from './event-line.ts';
import { testRecord } from './testing/records.ts';

const position = { nodeId: 'gw-1.example', epoch: '019cacafe0000badcafe', sequence: 2 ** 53 - 1 };
const record = testRecord(1);
const line = eventLine({
  head: { id: record.id, time: record.occurredAt, ...position },
  data: JSON.stringify(record),
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
});
