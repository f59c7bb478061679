import { describe, expect, it } from 'vitest';
import { ABANDONED_AFTER_MS, EventTable, HANDLER_DEADLINE_MS } from './event-table.ts';
import { PluginEvent } from './plugin-event.ts';

function createTable(options: { readonly maximumEvents?: number } = {}) {
  const clock = { now: 1_000 };
  const removed: PluginEvent[] = [];
  const table = new EventTable({
    firstId: 500,
    now: () => clock.now,
    onRemoved: (event) => removed.push(event),
    ...options,
  });
  return { table, clock, removed };
}

const createEvent = () => new PluginEvent({ phase: 'access', instanceId: 1 });

describe('EventTable', () => {
  it('numbers events from the first id on, and forgets a removed one', () => {
    const { table, removed } = createTable();
    const event = createEvent();
    expect([table.add(event), table.add(createEvent())]).toEqual([500, 501]);
    expect(table.touch(500)).toBe(event);
    table.remove(500);
    table.remove(500);
    expect(table.touch(500)).toBeUndefined();
    expect(removed).toEqual([event]);
  });

  it('waits longer for Kong than lua_socket_read_timeout, whose default is 60 s, and less for the handler', () => {
    expect(ABANDONED_AFTER_MS).toBeGreaterThan(60_000);
    expect(HANDLER_DEADLINE_MS).toBeLessThan(60_000);
  });

  it('forgets events of which Kong said nothing for 10 minutes, and keeps younger ones', () => {
    const { table, clock } = createTable();
    table.add(createEvent());
    clock.now += ABANDONED_AFTER_MS - 1;
    table.sweep();
    expect(table.size).toBe(1);
    table.add(createEvent());
    clock.now += 1;
    table.sweep();
    expect(table.size).toBe(1);
    expect(table.touch(501)).toBeDefined();
  });

  it('counts the 10 minutes from the last step', () => {
    const { table, clock } = createTable();
    table.add(createEvent());
    clock.now += ABANDONED_AFTER_MS - 1;
    table.touch(500);
    clock.now += ABANDONED_AFTER_MS - 1;
    table.sweep();
    expect(table.size).toBe(1);
  });

  it('reports events for which Kong has waited 50 s, not those that wait for Kong', () => {
    const { table, clock } = createTable();
    const hanging = createEvent();
    void hanging.next();
    table.add(hanging);
    table.add(createEvent());
    clock.now += HANDLER_DEADLINE_MS - 1;
    expect(table.sweep()).toEqual([]);
    clock.now += 1;
    expect(table.sweep()).toEqual([hanging]);
  });

  it('drops the least recently touched event when there are more than the maximum', () => {
    const { table } = createTable({ maximumEvents: 2 });
    for (let count = 0; count < 2; count += 1) table.add(createEvent());
    table.touch(500);
    table.add(createEvent());
    expect([500, 501, 502].map((id) => table.touch(id) !== undefined)).toEqual([true, false, true]);
  });
});
