import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createTestDatabase, hasPostgres, type TestDatabase } from '../database/testing/test-database.ts';
import { createAdjustment, type AdjustmentRequest } from './adjust.ts';
import { listAdjustments } from './adjustment-store.ts';
import { createCredit, noteCreditNote, pendingCreditNotes, type CreditRequest } from './credit.ts';
import { findStatement } from './statement-store.ts';
import { april, closed, importFixtures, may } from './testing/close-fixtures.ts';
import { seedCalls } from './testing/seed-calls.ts';
import { voidStatement } from './void-statement.ts';

describe.skipIf(!hasPostgres)('corrections', () => {
  let test: TestDatabase;
  let statementId: string;
  beforeEach(async () => {
    test = await createTestDatabase();
    await importFixtures(test.database);
    await seedCalls(test.database, { day: '2026-03-02', count: 510 });
    await seedCalls(test.database, { day: '2026-03-02', count: 10, server: 'maps', tool: 'route' });
    statementId = (await closed(test.database)).sealed[0]?.id ?? '';
  });
  afterEach(() => test.close());

  const adjust = (more: Partial<AdjustmentRequest>) =>
    createAdjustment(test.database, {
      ...{ idempotencyKey: 'ticket 7', tenant: 'acme', day: '2026-03-02', reason: 'outage', actor: 'ann', now: may },
      ...more,
    });
  /** Line 1 is 10.00 EUR of maps, line 2 is 5.00 EUR of weather. */
  const credit = (more: Partial<CreditRequest>) =>
    createCredit(test.database, {
      ...{
        idempotencyKey: 'ticket 8',
        statementId,
        reason: 'outage',
        actor: 'ann',
        settlement: 'credit_note',
        now: may,
      },
      ...more,
    });

  it.each<[string, Partial<AdjustmentRequest>, bigint]>([
    ['an amount', { amountMinor: -250n }, -250n],
    ['calls at the price of the day', { server: 'weather', tool: 'forecast', quantity: -12n }, -12n],
    ['calls with an amount of their own', { server: 'maps', tool: 'route', quantity: -2n, amountMinor: -100n }, -100n],
  ])('are made of %s', async (_name, request, amountMinor) => {
    const made = await adjust(request);
    expect(made).toMatchObject({
      ok: true,
      value: { isNew: true, adjustment: { amountMinor, source: 'manual', currency: 'eur' } },
    });
    const april1 = (await closed(test.database, april)).sealed.find(({ tenant }) => tenant === 'acme');
    expect(april1?.subtotalMinor).toBe(amountMinor);
  });

  it.each<[string, Partial<AdjustmentRequest>, string]>([
    ['neither amount nor calls', {}, 'amount'],
    ['calls of a tiered price', { server: 'maps', tool: 'route', quantity: -1n }, 'amount'],
    ['calls without a tool', { quantity: -1n }, 'tool'],
    ['a tool without a server', { tool: 'route', amountMinor: 1n }, 'server'],
    ['an unknown tenant', { tenant: 'nobody', amountMinor: 1n }, 'tenant'],
    ['no reason', { reason: ' ', amountMinor: 1n }, 'reason'],
    ['no key', { idempotencyKey: '', amountMinor: 1n }, 'idempotency_key'],
    ['a day that is none', { day: '2026-02-30', amountMinor: 1n }, 'day'],
  ])('with %s are refused', async (_name, request, path) => {
    const made = await adjust(request);
    expect(made.ok ? [] : made.error.map((issue) => issue.path)).toContain(path);
  });

  it('of one key are one, also when two callers are at it at once', async () => {
    const both = await Promise.all([adjust({ amountMinor: -5n }), adjust({ amountMinor: -5n })]);
    expect(both.map(({ ok }) => ok)).toEqual([true, true]);
    expect(await listAdjustments(test.database, { tenants: ['acme'] })).toHaveLength(1);
    expect(await adjust({ amountMinor: -6n })).toMatchObject({ ok: false, error: [{ path: 'idempotency_key' }] });
  });

  it('of one key are one whichever of its unique indexes two callers meet in', async () => {
    const keys = Array.from({ length: 100 }, (_, index) => `twice-${index}`);
    for (const idempotencyKey of keys)
      await Promise.all([1, 2, 3, 4].map(() => adjust({ idempotencyKey, amountMinor: -1n })));
    expect(await listAdjustments(test.database, { tenants: ['acme'] })).toHaveLength(keys.length);
  });

  describe('credits', () => {
    it.each<[string, Partial<CreditRequest>, bigint]>([
      ['part of a line', { lineNo: 1, amountMinor: 250n }, -250n],
      ['a whole line', { lineNo: 2 }, -500n],
      ['calls of a line', { lineNo: 2, quantity: 100n }, -100n],
      ['the whole statement', {}, -1_500n],
    ])('give back %s', async (_name, request, amountMinor) => {
      expect(await credit(request)).toMatchObject({
        ok: true,
        value: { isNew: true, adjustment: { amountMinor, source: 'credit' } },
      });
      expect(await credit(request)).toMatchObject({ ok: true, value: { isNew: false, adjustment: { amountMinor } } });
    });

    it('never give back more than there was', async () => {
      expect(await credit({ lineNo: 2, amountMinor: 501n })).toMatchObject({ ok: false, error: [{ path: 'amount' }] });
      expect(await credit({ lineNo: 2, amountMinor: 400n })).toMatchObject({ ok: true });
      expect(await credit({ idempotencyKey: '2', lineNo: 2, amountMinor: 101n })).toMatchObject({ ok: false });
      expect(await credit({ idempotencyKey: '3', lineNo: 2 })).toMatchObject({
        ok: true,
        value: { adjustment: { amountMinor: -100n } },
      });
      expect(await credit({ idempotencyKey: '4', lineNo: 2 })).toMatchObject({ ok: false });
      expect(await credit({ idempotencyKey: '5' })).toMatchObject({
        ok: true,
        value: { adjustment: { amountMinor: -1_000n } },
      });
      expect(await credit({ idempotencyKey: '6', lineNo: 1 })).toMatchObject({ ok: false });
    });

    it('at once do not give the same cent twice', async () => {
      const made = await Promise.all(
        ['a', 'b', 'c', 'd'].map((key) => credit({ idempotencyKey: key, lineNo: 2, amountMinor: 200n })),
      );
      expect(made.filter(({ ok }) => ok)).toHaveLength(2);
    });

    it.each<[string, Partial<CreditRequest>, string]>([
      ['nothing', { amountMinor: 0n }, 'amount'],
      ['less than nothing', { amountMinor: -1n }, 'amount'],
      ['free calls', { lineNo: 2, quantity: 501n }, 'quantity'],
      ['calls of a tiered line', { lineNo: 1, quantity: 1n }, 'quantity'],
      ['a line that is not there', { lineNo: 7 }, 'line'],
      ['a statement that is not there', { statementId: 'stm_none' }, 'statement'],
    ])('of %s are refused', async (_name, request, path) => {
      expect(await credit(request)).toMatchObject({ ok: false, error: [{ path }] });
    });

    it('wait for their credit note, and are on no statement then', async () => {
      const made = await credit({ lineNo: 2 });
      const [pending] = await pendingCreditNotes(test.database);
      expect(made.ok && made.value.adjustment.id).toBe(pending?.id);
      await noteCreditNote(test.database, { adjustmentId: pending?.id ?? '', stripeCreditNoteId: 'cn_1' });
      expect(await pendingCreditNotes(test.database)).toEqual([]);
      expect((await closed(test.database, april)).sealed.filter(({ tenant }) => tenant === 'acme')).toEqual([]);
    });
  });

  describe('a void statement', () => {
    const annul = (reason = 'wrong prices') =>
      voidStatement(test.database, { statementId, reason, actor: 'ann', now: may });

    it('is replaced by the next revision when its month is closed again, late calls included', async () => {
      await seedCalls(test.database, { day: '2026-03-02', count: 100, recordedAt: '2099-01-01T00:00:00Z' });
      expect((await closed(test.database)).lateAdjustments).toHaveLength(1);
      expect(await annul()).toMatchObject({ ok: true });
      const report = await closed(test.database);
      expect(report.lateAdjustments).toEqual([]);
      const [again] = report.sealed;
      expect(again?.id).not.toBe(statementId);
      expect(await findStatement(test.database, again?.id ?? '')).toMatchObject({
        statement: { revision: 2, subtotalMinor: 1_600n },
      });
      expect(await findStatement(test.database, statementId)).toMatchObject({
        state: 'void',
        voided: { reason: 'wrong prices', actor: 'ann' },
      });
      expect(await listAdjustments(test.database, { tenants: ['acme'], isPending: true })).toEqual([]);
    });

    it('gives its corrections to the one that replaces it', async () => {
      await adjust({ amountMinor: -5n });
      await annul();
      const second = (await closed(test.database)).sealed[0];
      expect(second?.subtotalMinor).toBe(1_495n);
      await voidStatement(test.database, { statementId: second?.id ?? '', reason: 'again', actor: 'ann', now: may });
      expect((await closed(test.database)).sealed[0]?.subtotalMinor).toBe(1_495n);
    });

    it.each([
      ['without a reason', () => annul(' '), 'reason'],
      [
        'that was billed',
        async () => {
          await test.database('billing.statement').where({ id: statementId }).update({ state: 'pushed' });
          return annul();
        },
        'statement',
      ],
      [
        'whose late calls are billed',
        async () => {
          await seedCalls(test.database, { day: '2026-03-02', count: 100, recordedAt: '2099-01-01T00:00:00Z' });
          await closed(test.database, april);
          return annul();
        },
        'statement',
      ],
      [
        'that is not there',
        () => voidStatement(test.database, { statementId: 'stm_none', reason: 'x', actor: 'ann', now: may }),
        'statement',
      ],
    ])('%s is refused', async (_name, act, path) => {
      expect(await act()).toMatchObject({ ok: false, error: { path } });
    });
  });
});
