import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createTestDatabase, hasPostgres, type TestDatabase } from '../database/testing/test-database.ts';
import { chainStart } from '../domain/audit/hash-chain.ts';
import { sealOf } from '../domain/statements/seal.ts';
import { insertAdjustments, listAdjustments } from './adjustment-store.ts';
import { closePeriod } from './close-period.ts';
import { findStatement, listStatements } from './statement-store.ts';
import { april, closed, importFixtures, importText, march, may } from './testing/close-fixtures.ts';
import { seedCalls } from './testing/seed-calls.ts';

describe.skipIf(!hasPostgres)('closing a month', () => {
  let test: TestDatabase;
  beforeEach(async () => {
    test = await createTestDatabase();
    await importFixtures(test.database);
  });
  afterEach(() => test.close());

  const seed = (...calls: readonly Parameters<typeof seedCalls>[1][]): Promise<void> =>
    calls.reduce((before, one) => before.then(() => seedCalls(test.database, one)), Promise.resolve());
  const onlyStatement = async (tenant = 'acme', period = march) => {
    const [found] = await listStatements(test.database, { tenant, periodStart: period.start });
    if (found === undefined) throw new Error('no statement');
    return found;
  };

  it('seals a statement for each tenant with usage or a minimum, in cents and in rows', async () => {
    await seed(
      { day: '2026-03-01', count: 60 },
      { day: '2026-03-31', count: 50 },
      { day: '2026-03-15', count: 7, outcome: 'tool_error' },
      { day: '2026-03-15', count: 150, server: 'maps', tool: 'route', application: 'desk' },
      { day: '2026-02-28', count: 1_000 },
      { day: '2026-04-01', count: 1_000 },
      { day: '2026-03-15', count: 9, kind: 'prompt', tool: 'greeting' },
    );
    const report = await closed(test.database);
    expect(report.sealed.map(({ tenant, subtotalMinor, lines }) => [tenant, subtotalMinor, lines])).toEqual([
      ['acme', 12_600n, 2],
      ['bolt', 2_000n, 1],
    ]);
    expect(report).toMatchObject({ held: [], failed: [], warnings: [], alreadySealed: 0 });
    const { statement, state } = await onlyStatement();
    expect(state).toBe('sealed');
    expect(statement.sealSha256).toBe(sealOf(statement));
    expect(statement.lines.map(({ description }) => description)).toEqual([
      'maps / route: 150 calls, at 1 EUR each for the first 100, 0.5 EUR each above 100',
      'weather / forecast: 110 calls, 10 of them free, at 0.01 EUR each',
    ]);
    const rows = await test
      .database('billing.statement_line')
      .where({ statement_id: statement.id })
      .orderBy('line_no')
      .select('quantity', 'free_quantity', 'amount_minor', 'evidence_sha256', 'unit_amount');
    expect(rows).toEqual(
      statement.lines.map((line) => ({
        quantity: line.quantity,
        free_quantity: line.freeQuantity,
        amount_minor: line.amountMinor,
        evidence_sha256: line.evidenceSha256,
        unit_amount: line.unitAmount ?? null,
      })),
    );
    const teams = await test
      .database('billing.statement_allocation')
      .where({ statement_id: statement.id, line_no: 2 })
      .orderBy('team')
      .select('team', 'amount_minor', 'quantity');
    expect(teams).toEqual([
      { team: 'blue', amount_minor: 75n, quantity: 83n },
      { team: 'red', amount_minor: 25n, quantity: 27n },
    ]);
  });

  it('is the same statement by stretches as day by day, when a price and a rule change and an allowance is shared', async () => {
    await importText(
      test.database,
      `version: 1
pools: [{ id: shared, units: 100, effective_from: 2026-01-01 }]
prices:
  - { server: pool, tool: '*', currency: eur, model: flat, unit_amount: "1", pool: shared, effective_from: 2026-01-01 }
  - { server: weather, tool: forecast, currency: eur, model: flat, unit_amount: "0.03", free_units: 10, effective_from: 2026-03-10 }
allocations: [{ tenant: acme, effective_from: 2026-03-20, rules: [{ team: green, cost_center: "1" }] }]`,
    );
    await seed(
      ...['02', '09', '10', '19', '20', '31'].map((day) => ({ day: `2026-03-${day}`, count: 40 })),
      ...['05', '06', '07'].flatMap((day) =>
        ['a', 'b'].map((tool) => ({ day: `2026-03-${day}`, count: 30, server: 'pool', tool })),
      ),
    );
    const [acme] = (await closed(test.database)).sealed;
    const { statement } = await onlyStatement();
    expect(acme?.subtotalMinor).toBe(70n + 480n + 8_000n);
    expect(
      statement.lines.map((line) => [line.tool, line.quantity, line.freeQuantity, line.amountMinor, line.days]),
    ).toEqual([
      ['a', 90n, 60n, 3_000n, ['2026-03-01', '2026-03-31']],
      ['b', 90n, 40n, 5_000n, ['2026-03-01', '2026-03-31']],
      ['forecast', 80n, 10n, 70n, ['2026-03-01', '2026-03-09']],
      ['forecast', 160n, 0n, 480n, ['2026-03-10', '2026-03-31']],
    ]);
    expect(statement.lines[3]?.allocations.map(({ team, quantity }) => [team, quantity])).toEqual([
      ['blue', 60n],
      ['green', 80n],
      ['red', 20n],
    ]);
  });

  it('changes nothing the second time', async () => {
    await seed({ day: '2026-03-01', count: 60 });
    await closed(test.database);
    const before = await test.database('billing.statement').orderBy('id').select('*');
    expect(await closed(test.database)).toMatchObject({ sealed: [], held: [], alreadySealed: 2, lateAdjustments: [] });
    expect(await test.database('billing.statement').orderBy('id').select('*')).toEqual(before);
  });

  it('stores nothing in a dry run, and says what it would do', async () => {
    await seed({ day: '2026-03-01', count: 60 });
    const dry = await closed(test.database, march, { isDryRun: true });
    expect(dry.sealed.map(({ tenant }) => tenant)).toEqual(['acme', 'bolt']);
    expect(await listStatements(test.database)).toEqual([]);
    expect((await closed(test.database)).sealed).toEqual(dry.sealed);
  });

  it('refuses a month that is not over', async () => {
    const early = await closePeriod(test.database, april, { now: new Date('2026-04-30T23:59:59.999Z') });
    expect(early).toMatchObject({ ok: false, error: { path: 'period' } });
    const onTime = await closePeriod(test.database, april, { now: new Date('2026-05-01T00:00:00.000Z') });
    expect(onTime.ok).toBe(true);
  });

  it('says how far it is', async () => {
    await seed({ day: '2026-03-01', count: 6 }, { day: '2026-03-02', count: 6 });
    const steps: string[] = [];
    await closed(test.database, march, { onProgress: (step, done, total) => steps.push(`${step} ${done}/${total}`) });
    expect(steps).toEqual([
      ...['chain 0/0', 'evidence 0/2', 'evidence 1/2', 'evidence 2/2', 'late 0/1', 'late 1/1'],
      ...['rate 0/2', 'rate 2/2', 'write 0/2', 'write 2/2'],
    ]);
  });

  it('warns of calls that nobody can pay for', async () => {
    await seed({ day: '2026-03-01', count: 3, tenant: '' }, { day: '2026-03-01', count: 2_000, tenant: 'ghost' });
    const { warnings, sealed } = await closed(test.database);
    expect(warnings).toEqual([
      '3 successful calls belong to no tenant.',
      '2,000 successful calls of ghost, which has no tenant record: add one and close again.',
    ]);
    expect(sealed.map(({ tenant }) => tenant)).toEqual(['bolt']);
  });

  describe('with something open', () => {
    const openGap = async (): Promise<void> => {
      const position = { node_id: 'gw-1', epoch: '019cacafe0000badcafe' };
      const times = { first_seen: '2026-03-31T10:00:00Z', last_seen: '2026-04-01T10:00:00Z' };
      await test
        .database('billing.node_epoch')
        .insert({ ...position, ...times, contiguous_sequence: 7, max_sequence: 12 });
      await test
        .database('billing.node_gap')
        .insert({ ...position, from_sequence: 8, to_sequence: 10, opened_at: times.last_seen });
    };
    const addChainDay = (day: string, verifiedAt: string | null = null): Promise<unknown> =>
      test
        .database('billing.audit_day')
        .insert({ day, links: 1, entries: 1, head_sha256: Buffer.alloc(32), verified_at: verifiedAt });

    it.each([
      ['a gap of a node', openGap, 'open_gap', '3 records have not arrived: gw-1 8 to 10.'],
      [
        'a day of the audit chain',
        () => addChainDay('2026-03-15'),
        'chain_broken',
        'The audit chain does not hold on 2026-03-15 (broken_day: Batch 1 of 1 is gone from the chain.)',
      ],
      [
        'usage without records',
        () => seed({ day: '2026-03-09', count: 2, isRollupOnly: true }),
        'rollup_differs',
        'Usage and records differ: 2026-03-09 acme weather/forecast ok: usage 2, records 0.',
      ],
    ])('%s holds every statement', async (_name, open, kind, detail) => {
      await seed({ day: '2026-03-01', count: 60 });
      await open();
      const report = await closed(test.database);
      expect(report.sealed).toEqual([]);
      expect(report.held.map(({ tenant }) => tenant)).toEqual(['acme', 'bolt']);
      expect(report.held[0]?.blockers).toContainEqual({ kind, detail });
      expect((await onlyStatement()).state).toBe('draft');
    });

    it('follows no day of the chain twice, and none of an earlier month', async () => {
      await addChainDay('2026-03-15', '2026-03-16T00:00:00Z');
      await addChainDay('2026-02-15');
      await test
        .database('billing.audit_day')
        .insert({ day: '2026-03-20', links: 0, entries: 0, head_sha256: chainStart('2026-03-20') });
      await seed({ day: '2026-03-01', count: 60 });
      expect((await closed(test.database)).held).toEqual([]);
      const verified = await test
        .database('billing.audit_day')
        .whereNotNull('verified_at')
        .orderBy('day')
        .pluck<string[]>('day');
      expect(verified).toEqual(['2026-03-15', '2026-03-20']);
    });

    it('an unpriced tool holds its tenant alone; failed calls of one do not', async () => {
      await seed(
        { day: '2026-03-01', count: 6, server: 'new', tool: 'thing' },
        { day: '2026-03-01', count: 6, tenant: 'bolt', server: 'new', outcome: 'refused' },
      );
      const report = await closed(test.database);
      expect(report.held).toMatchObject([
        { tenant: 'acme', blockers: [{ kind: 'unpriced', detail: 'No price for new/thing (6 calls).' }] },
      ]);
      expect(report.sealed.map(({ tenant }) => tenant)).toEqual(['bolt']);
    });

    it('seals what was held when the price is there', async () => {
      await seed({ day: '2026-03-01', count: 6, server: 'new', tool: 'thing' });
      const [held] = (await closed(test.database)).held;
      await importText(
        test.database,
        `version: 1\nprices: [{ server: new, tool: thing, tenant: acme, currency: eur, model: flat, unit_amount: "1", effective_from: 2026-03-01 }]`,
      );
      const [sealed] = (await closed(test.database)).sealed;
      expect(sealed).toMatchObject({ id: held?.id, tenant: 'acme', subtotalMinor: 600n });
      expect(await listStatements(test.database, { states: ['draft'] })).toEqual([]);
    });

    it('seals in spite of it for a reason, which stays on the statement', async () => {
      await seed({ day: '2026-03-01', count: 6, server: 'new', tool: 'thing' });
      const force = { reason: 'free trial, see contract 7', actor: 'ann' };
      await closed(test.database, march, { force });
      expect(await onlyStatement()).toMatchObject({ state: 'sealed', forced: force, blockers: [{ kind: 'unpriced' }] });
      expect((await onlyStatement('bolt')).forced).toBeUndefined();
      const blank = await closePeriod(test.database, march, { now: may, force: { reason: ' ', actor: 'ann' } });
      expect(blank).toMatchObject({ ok: false, error: { path: 'reason' } });
    });
  });

  describe('after it is sealed', () => {
    beforeEach(async () => {
      await seed({ day: '2026-03-01', count: 60 }, { day: '2026-03-05', count: 95, server: 'maps', tool: 'route' });
      await closed(test.database);
    });

    it('a statement, its lines and its evidence cannot be changed', async () => {
      const { statement } = await onlyStatement();
      const { database } = test;
      const where = { statement_id: statement.id };
      await expect(
        database('billing.statement').where({ id: statement.id }).update({ subtotal_minor: 0 }),
      ).rejects.toThrow('sealed');
      await expect(
        database('billing.statement')
          .where({ id: statement.id })
          .update({ state: 'draft', seal_sha256: null, sealed_at: null }),
      ).rejects.toThrow('sealed');
      await expect(database('billing.statement').where({ id: statement.id }).delete()).rejects.toThrow('sealed');
      await expect(database('billing.statement_line').where(where).update({ amount_minor: 0 })).rejects.toThrow(
        'sealed',
      );
      await expect(database('billing.statement_line').where(where).delete()).rejects.toThrow('sealed');
      await expect(database('billing.statement_allocation').where(where).delete()).rejects.toThrow('sealed');
      await expect(database('billing.statement_evidence').where(where).update({ buckets: '[]' })).rejects.toThrow(
        'sealed',
      );
      const added = {
        statement_id: statement.id,
        line_no: 1,
        team: 'x',
        cost_center: 'y',
        amount_minor: 0,
        quantity: 0,
      };
      await expect(database('billing.statement_allocation').insert(added)).rejects.toThrow('no more rows');
      await expect(database.raw('truncate billing.statement cascade')).rejects.toThrow('never emptied');
    });

    it('its state moves on, and it gets its invoice', async () => {
      const { statement } = await onlyStatement();
      const table = () => test.database('billing.statement').where({ id: statement.id });
      await table().update({ state: 'pushed', stripe_invoice_id: 'in_1' });
      await test
        .database('billing.statement_line')
        .where({ statement_id: statement.id, line_no: 1 })
        .update({ stripe_line_id: 'il_1' });
      expect(await findStatement(test.database, statement.id)).toMatchObject({
        state: 'pushed',
        stripeInvoiceId: 'in_1',
      });
      await table().update({ state: 'void' });
      await expect(table().update({ state: 'sealed' })).rejects.toThrow('sealed');
    });

    it('late calls become corrections of the next statement, with the tier they fall into', async () => {
      const recordedAt = '2099-01-01T00:00:00.000Z';
      await seed(
        { day: '2026-03-05', count: 10, server: 'maps', tool: 'route', recordedAt },
        { day: '2026-03-06', count: 3, tool: 'alerts', recordedAt },
        { day: '2026-04-06', count: 20 },
      );
      const before = await onlyStatement();
      const report = await closed(test.database, april);
      expect(
        report.lateAdjustments.map(({ tool, quantityDelta, amountMinor, day }) => [
          tool,
          quantityDelta,
          amountMinor,
          day,
        ]),
      ).toEqual([
        // 95 calls at 1 EUR were billed; of 10 more, 5 are at 1 EUR and 5 at 0.50.
        ['route', 10n, 750n, '2026-03-31'],
        ['alerts', 3n, 0n, '2026-03-31'],
      ]);
      const { statement } = await onlyStatement('acme', april);
      expect(statement.lines.map(({ kind, description }) => `${kind} ${description}`).sort()).toEqual([
        'adjustment maps / route: correction for 31 March 2026: calls of 2026-03 that arrived after its statement',
        'adjustment weather / alerts: correction for 31 March 2026: calls of 2026-03 that arrived after its statement',
        'usage weather / forecast: 20 calls, 10 of them free, at 0.01 EUR each',
      ]);
      expect(statement.subtotalMinor).toBe(760n);
      expect(await onlyStatement()).toEqual(before);
      expect((await closed(test.database, april)).lateAdjustments).toEqual([]);
      expect((await closed(test.database, march)).lateAdjustments).toEqual([]);
    });

    it('late calls that come twice are corrected twice, each by what it adds', async () => {
      const recordedAt = '2099-01-01T00:00:00.000Z';
      await seed({ day: '2026-03-05', count: 10, server: 'maps', tool: 'route', recordedAt });
      expect((await closed(test.database, march)).lateAdjustments.map(({ amountMinor }) => amountMinor)).toEqual([
        750n,
      ]);
      await seed({ day: '2026-03-05', count: 10, server: 'maps', tool: 'route', recordedAt });
      expect((await closed(test.database, march)).lateAdjustments.map(({ amountMinor }) => amountMinor)).toEqual([
        500n,
      ]);
      expect(await listAdjustments(test.database, { tenants: ['acme'], isPending: true })).toHaveLength(2);
    });

    it('a minimum that late calls would have used up is given back with them', async () => {
      await seed({ day: '2026-03-05', count: 100, tenant: 'bolt', recordedAt: '2099-01-01T00:00:00.000Z' });
      const { lateAdjustments } = await closed(test.database, march);
      expect(lateAdjustments.map(({ tool, amountMinor }) => [tool, amountMinor])).toEqual([
        [undefined, -200n],
        ['forecast', 200n],
      ]);
    });

    it('no price can reach back into it', async () => {
      const back = `version: 1\nprices: [{ server: weather, tool: forecast, currency: eur, model: flat, unit_amount: "9", effective_from: 2026-03-31 }]`;
      await expect(importText(test.database, back)).rejects.toThrow('Write 2026-04-01 or later');
    });

    it('the same document can be imported again, and no allocation rule can reach back into it', async () => {
      await importFixtures(test.database);
      const back = `version: 1\nallocations: [{ tenant: acme, effective_from: 2026-03-31, rules: [{ team: green, cost_center: "1" }] }]`;
      await expect(importText(test.database, back)).rejects.toThrow('sealed for acme');
    });
  });

  it('takes up corrections once, and not those that a credit note settles', async () => {
    const correction = {
      tenant: 'acme',
      day: '2026-02-10',
      quantityDelta: 0n,
      amountMinor: -300n,
      currency: 'eur',
      reason: 'outage',
      actor: 'ann',
      source: 'manual' as const,
      createdAt: may,
    };
    await closed(test.database);
    await seed({ day: '2026-04-01', count: 60 }, { day: '2026-03-01', count: 60 });
    const [march1] = (await closed(test.database)).sealed;
    await insertAdjustments(test.database, [
      { ...correction, idempotencyKey: 'one', settlement: 'next_statement' },
      { ...correction, idempotencyKey: 'one', settlement: 'next_statement', amountMinor: -999n },
      { ...correction, idempotencyKey: 'two', settlement: 'credit_note', sourceStatementId: march1?.id ?? '' },
    ]);
    const [acme] = (await closed(test.database, april)).sealed;
    expect(acme?.subtotalMinor).toBe(50n - 300n);
    const applied = await listAdjustments(test.database, { tenants: ['acme'] });
    expect(applied.map(({ settlement, appliedStatementId }) => [settlement, appliedStatementId]).sort()).toEqual([
      ['credit_note', undefined],
      ['next_statement', acme?.id],
    ]);
    await expect(test.database('billing.adjustment').update({ amount_minor: 0 })).rejects.toThrow('never changed');
  });
});
