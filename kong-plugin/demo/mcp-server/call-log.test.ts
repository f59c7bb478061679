import { describe, expect, it } from 'vitest';
import { CallLog } from './call-log.ts';

const call = { tool: 'search_orders', arguments: { query: 'x' }, era: 'modern' } as const;

describe('CallLog', () => {
  it('shows a call as running until its end is noted', () => {
    const log = new CallLog();
    const finish = log.start(call);
    expect(log.calls).toEqual([{ ...call, outcome: 'running' }]);
    finish('cancelled');
    expect(log.calls).toEqual([{ ...call, outcome: 'cancelled' }]);
  });

  it('counts 10001 calls though it keeps only the newest of them', () => {
    const log = new CallLog();
    for (let made = 0; made < 10_001; made += 1) log.start({ ...call, arguments: made })('ok');
    expect(log.calls.length).toBeLessThanOrEqual(10_000);
    expect(log.calls.at(-1)?.arguments).toBe(10_000);
    expect([log.count(), log.count('search_orders'), log.count('delete_order')]).toEqual([10_001, 10_001, 0]);
  });
});
