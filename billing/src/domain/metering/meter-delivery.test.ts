import { describe, expect, it } from 'vitest';
import fc from 'fast-check';
import {
  backoffMs,
  beginAttempt,
  isTooLateToSend,
  needsDelivery,
  settleAttempt,
  type MeterAnswer,
  type MeterDelivery,
} from './meter-delivery.ts';

const now = Date.UTC(2026, 10, 25, 12);
const row: MeterDelivery = { desired: 7n, acked: 0n, revision: 0, attempts: 0, nextAttemptAt: 0, state: 'open' };
const nameOf = (revision: number, value: bigint): string => `id-${revision}-${value}`;
const chance = { now, random: 0.5 };

describe('delivery of a daily total', () => {
  it('stores an id and a value, sends them, and acknowledges that value', () => {
    const begun = beginAttempt(row, nameOf);
    expect(begun).toMatchObject({ revision: 1, inflight: { id: 'id-1-7', value: 7n } });
    const settled = settleAttempt(begun, { kind: 'accepted' }, chance);
    expect(settled).toMatchObject({ acked: 7n, attempts: 0 });
    expect(settled.inflight).toBeUndefined();
    expect(needsDelivery(settled)).toBe(false);
  });

  it('goes on with the same id and value after a timeout, although the total has grown since', () => {
    const undecided = settleAttempt(beginAttempt(row, nameOf), { kind: 'unavailable', message: 'timeout' }, chance);
    const again = beginAttempt({ ...undecided, desired: 9n }, nameOf);
    expect(again.inflight).toEqual({ id: 'id-1-7', value: 7n });
    const settled = settleAttempt(again, { kind: 'already_exists' }, chance);
    expect(settled.acked).toBe(7n);
    expect(needsDelivery(settled)).toBe(true);
    expect(beginAttempt(settled, nameOf).inflight).toEqual({ id: 'id-2-9', value: 9n });
  });

  it('waits with full jitter, from 1 s up to 10 min, and never less than the provider asked for', () => {
    expect([0, 1, 5, 9, 10, 500].map((attempts) => backoffMs(attempts, 0.999999))).toEqual([
      999, 1999, 31999, 511999, 599999, 599999,
    ]);
    expect(backoffMs(9, 0)).toBe(0);
    const begun = beginAttempt(row, nameOf);
    const asked: MeterAnswer = { kind: 'unavailable', message: '429', retryAfterMs: 7_000 };
    expect(settleAttempt(begun, asked, { now, random: 0 })).toMatchObject({ attempts: 1, nextAttemptAt: now + 7_000 });
  });

  it.each(['too_late', 'rejected'] as const)('stops at %s and says why', (kind) => {
    const stopped = settleAttempt(beginAttempt(row, nameOf), { kind, message: 'why' }, chance);
    expect(stopped).toMatchObject({ state: kind, lastError: 'why', acked: 0n });
    expect(needsDelivery(stopped)).toBe(false);
  });

  it('gives a day up when it began more than 34 days ago', () => {
    const dayStart = Date.UTC(2026, 9, 22);
    expect(isTooLateToSend(dayStart, Date.UTC(2026, 10, 25))).toBe(false);
    expect(isTooLateToSend(dayStart, Date.UTC(2026, 10, 25) + 1)).toBe(true);
  });

  it('with any answers in any order, what the meter holds last is what was acknowledged last', () => {
    const step = fc.record({
      grow: fc.bigInt({ min: 0n, max: 5n }),
      answer: fc.constantFrom('applied', 'lost before', 'lost after'),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
        let current = row;
        let meter = 0n;
        const seen = new Set<string>();
        for (const { grow, answer } of [...steps, { grow: 0n, answer: 'applied' }, { grow: 0n, answer: 'applied' }]) {
          current = { ...current, desired: current.desired + grow };
          if (!needsDelivery(current)) continue;
          current = beginAttempt(current, nameOf);
          const { id, value } = current.inflight ?? { id: '', value: 0n };
          const isKnown = seen.has(id);
          if (answer !== 'lost before' && !isKnown) {
            seen.add(id);
            meter = value;
          }
          const kind = answer === 'applied' ? (isKnown ? 'already_exists' : 'accepted') : 'unavailable';
          current = settleAttempt(current, { kind, message: answer }, chance);
          if (current.inflight === undefined) expect(meter).toBe(current.acked);
        }
        expect(meter).toBe(current.desired);
      }),
    );
  });
});
