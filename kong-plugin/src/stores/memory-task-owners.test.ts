import { describe, expect, it } from 'vitest';
import { describeTaskOwners } from '../ports/task-owners.contract.ts';
import { createMemoryTaskOwners } from './memory-task-owners.ts';

describeTaskOwners({ name: 'the memory store', create: () => createMemoryTaskOwners({ now: () => 0 }) });

describe('the memory store', () => {
  it('forgets the task used longest ago once it holds 3, and never hands it to another task', async () => {
    const owners = createMemoryTaskOwners({ now: () => 0, maxEntries: 3 });
    for (const task of ['t1', 't2', 't3']) await owners.claim('orders', task, `owner-of-${task}`);
    await owners.ownerOf('orders', 't1');
    await owners.claim('orders', 't4', 'owner-of-t4');
    const known = await Promise.all(['t1', 't2', 't3', 't4'].map((task) => owners.ownerOf('orders', task)));
    expect(known).toEqual(['owner-of-t1', undefined, 'owner-of-t3', 'owner-of-t4']);
  });

  it('holds 100,000 tasks and not one more', async () => {
    const owners = createMemoryTaskOwners({ now: () => 0 });
    for (let index = 0; index <= 100_000; index++) await owners.claim('orders', `t${index}`, 'alice');
    expect(await owners.ownerOf('orders', 't0')).toBeUndefined();
    expect(await owners.ownerOf('orders', 't1')).toBe('alice');
  });

  it('forgets a task 60 seconds after its last use, to the millisecond', async () => {
    let now = Date.UTC(2026, 7, 1);
    const owners = createMemoryTaskOwners({ now: () => now, timeToLiveSeconds: 60 });
    await owners.claim('orders', 't1', 'alice');
    now += 59_999;
    expect(await owners.claim('orders', 't1', 'bob')).toBe('alice');
    now += 59_999;
    expect(await owners.ownerOf('orders', 't1')).toBe('alice');
    now += 60_000;
    expect(await owners.ownerOf('orders', 't1')).toBeUndefined();
    expect(await owners.claim('orders', 't1', 'bob')).toBe('bob');
  });
});
