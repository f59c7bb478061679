import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createTestDatabase, hasPostgres, type TestDatabase } from '../database/testing/test-database.ts';
import { findProofFault } from '../domain/statements/evidence-proof.ts';
import { toSpending } from '../domain/statements/to-spending.ts';
import { explainLine } from './explain-line.ts';
import { proveInvocation } from './prove-invocation.ts';
import { previewStatement } from './preview-statement.ts';
import { closed, importFixtures, march } from './testing/close-fixtures.ts';
import { seedCalls } from './testing/seed-calls.ts';
import { reportUnpriced } from './unpriced-report.ts';
import { verifyStatement } from './verify-statement.ts';

describe.skipIf(!hasPostgres)('questions about a month', () => {
  let test: TestDatabase;
  beforeEach(async () => {
    test = await createTestDatabase();
    await importFixtures(test.database);
    for (const day of ['2026-03-01', '2026-03-02', '2026-03-03']) await seedCalls(test.database, { day, count: 8 });
    await seedCalls(test.database, { day: '2026-03-03', count: 2, application: 'desk', outcome: 'tool_error' });
    await seedCalls(test.database, {
      day: '2026-03-03',
      count: 101,
      application: 'desk',
      server: 'maps',
      tool: 'route',
    });
    await seedCalls(test.database, { day: '2026-03-04', count: 5, server: 'new', tool: 'thing' });
  });
  afterEach(() => test.close());

  const sealedAcme = async (): Promise<string> => {
    const { sealed } = await closed(test.database, march, { force: { reason: 'trial', actor: 'ann' } });
    return sealed.find(({ tenant }) => tenant === 'acme')?.id ?? '';
  };

  it('a preview is the statement that closing would make', async () => {
    const preview = await previewStatement(test.database, { tenant: 'acme', period: march });
    expect(preview).toMatchObject({
      ok: true,
      value: { statement: { subtotalMinor: 14n + 10_050n, unpriced: [{ tool: 'thing', quantity: 5n }] } },
    });
    const id = await sealedAcme();
    expect(preview.ok && preview.value.statement.id).toBe(id);
    const until = await previewStatement(test.database, { tenant: 'acme', period: march, until: '2026-03-02' });
    expect(until.ok && until.value.statement.subtotalMinor).toBe(6n);
    expect(await previewStatement(test.database, { tenant: 'nobody', period: march })).toMatchObject({ ok: false });
  });

  it('spending is the statement by application and team', async () => {
    const preview = await previewStatement(test.database, { tenant: 'acme', period: march });
    expect(preview.ok && toSpending(preview.value.statement, preview.value)).toEqual([
      { application: 'desk', team: '', server: 'maps', tool: 'route', quantity: 101n, amountMinor: 10_050n },
      { application: 'bot', team: '', server: 'new', tool: 'thing', quantity: 5n, amountMinor: 0n },
      {
        application: 'bot',
        team: 'blue',
        server: 'weather',
        tool: 'forecast',
        quantity: 18n,
        amountMinor: expect.any(BigInt),
      },
      {
        application: 'bot',
        team: 'red',
        server: 'weather',
        tool: 'forecast',
        quantity: 6n,
        amountMinor: expect.any(BigInt),
      },
    ]);
  });

  it('what has no price is reported, with the currencies in which it has one', async () => {
    await seedCalls(test.database, { day: '2026-03-04', count: 3, tenant: 'bolt', server: 'maps', tool: 'route' });
    const days = ['2026-03-01', '2026-03-31'];
    const outcome = 'ok';
    expect(await reportUnpriced(test.database, { period: march })).toEqual([
      {
        tenant: 'acme',
        server: 'new',
        tool: 'thing',
        days,
        quantity: 5n,
        outcomes: [{ outcome, quantity: 5n }],
        pricedIn: [],
      },
      {
        tenant: 'bolt',
        server: 'maps',
        tool: 'route',
        days,
        quantity: 3n,
        outcomes: [{ outcome, quantity: 3n }],
        pricedIn: ['eur'],
      },
    ]);
    expect(await reportUnpriced(test.database, { period: march, tenant: 'acme' })).toHaveLength(1);
  });

  it('a line explains itself, step by step and call by call', async () => {
    const statementId = await sealedAcme();
    const first = await explainLine(test.database, { statementId, lineNo: 2, limit: 10 });
    if (!first.ok) throw new Error(first.error.problem);
    expect(first.value.steps).toEqual([
      '24 calls from 1 to 31 March 2026 with outcome ok.',
      '2 calls with outcome tool_error are not billed.',
      '10 of the calls are free.',
      '14 calls at 0.01 EUR each are 0.14 EUR.',
      'Rounded once, half up: 0.14 EUR.',
    ]);
    expect(first.value.price).toMatchObject({ server: 'weather', tool: '*' });
    expect(first.value.buckets.map(({ day, outcome, count }) => [day, outcome, count])).toEqual([
      ['2026-03-01', 'ok', 8n],
      ['2026-03-02', 'ok', 8n],
      ['2026-03-03', 'ok', 8n],
    ]);
    const ids = first.value.invocations.map(({ id }) => id);
    let cursor = first.value.nextCursor;
    while (cursor !== undefined) {
      const next = await explainLine(test.database, { statementId, lineNo: 2, limit: 10, cursor });
      if (!next.ok) throw new Error(next.error.problem);
      ids.push(...next.value.invocations.map(({ id }) => id));
      cursor = next.value.nextCursor;
    }
    expect(ids).toHaveLength(24);
    expect(ids).toEqual([...new Set(ids)].sort());
  });

  it('late calls are not among those of a sealed line', async () => {
    const statementId = await sealedAcme();
    await seedCalls(test.database, { day: '2026-03-02', count: 9, recordedAt: '2099-01-01T00:00:00Z' });
    const explained = await explainLine(test.database, { statementId, lineNo: 2 });
    expect(explained.ok && explained.value.invocations).toHaveLength(24);
    expect(await verifyStatement(test.database, statementId)).toMatchObject({
      ok: true,
      value: { faults: [], records: 132n },
    });
  });

  it('a batch that was on its way when the month was sealed is told apart by its place in the chain', async () => {
    const statementId = await sealedAcme();
    const [before] = await test
      .database('billing.statement')
      .where({ id: statementId })
      .select<{ usage_as_of: Date }[]>('usage_as_of');
    const asOf = before?.usage_as_of ?? new Date(0);
    await seedCalls(test.database, {
      day: '2026-03-02',
      count: 1,
      application: 'late',
      recordedAt: asOf.toISOString(),
    });
    const [late] = await test
      .database('billing.invocation')
      .where({ application: 'late' })
      .select<{ id: string }[]>('id');
    const count = async (): Promise<number> => {
      const explained = await explainLine(test.database, { statementId, lineNo: 2 });
      return explained.ok ? explained.value.invocations.length : -1;
    };
    expect(await count()).toBe(25);
    const day = asOf.toISOString().slice(0, 10);
    const entries = Buffer.concat([Buffer.from((late?.id ?? '').replaceAll('-', ''), 'hex'), Buffer.alloc(32)]);
    await test.database('billing.audit_day').insert({ day, links: 1, entries: 1, head_sha256: Buffer.alloc(32) });
    await test.database('billing.audit_link').insert({ day, link: 1, recorded_at: asOf, events: 1, entries });
    expect(await count()).toBe(24);
    expect(await verifyStatement(test.database, statementId)).toMatchObject({ ok: true, value: { faults: [] } });
  });

  it('a sampled call is proven to be billed, by a proof that needs no ledger to check', async () => {
    const statementId = await sealedAcme();
    const idOf = async (where: Readonly<Record<string, string>>): Promise<string> =>
      (await test.database('billing.invocation').where(where).orderBy('id').first<{ readonly id: string }>('id')).id;
    const proven = await proveInvocation(test.database, {
      statementId,
      id: await idOf({ server: 'weather', outcome: 'ok' }),
    });
    if (!proven.ok) throw new Error(proven.error.problem);
    const { proof, lineNo, fault } = proven.value;
    expect([lineNo, proof.day, proof.entries.length, proof.buckets.length, fault]).toEqual([
      2,
      '2026-03-01',
      8,
      3,
      undefined,
    ]);
    expect(findProofFault(proof)).toBeUndefined();
    expect(findProofFault({ ...proof, entries: proof.entries.slice(1) })).toContain('is not among');
    expect(findProofFault({ ...proof, entries: [...proof.entries, { id: 'x', contentSha256: 'ab' }] })).toContain(
      'not those',
    );
    expect(findProofFault({ ...proof, buckets: proof.buckets.slice(0, 1) })).toContain('root');
    const unbilled = [
      await idOf({ outcome: 'tool_error' }),
      await idOf({ server: 'new' }),
      '00000000-0000-7000-8000-000000000000',
      'x',
    ];
    for (const id of unbilled)
      expect(await proveInvocation(test.database, { statementId, id })).toMatchObject({ ok: false });
    await seedCalls(test.database, {
      day: '2026-03-02',
      count: 1,
      application: 'late',
      recordedAt: '2099-01-01T00:00:00Z',
    });
    const late = await proveInvocation(test.database, { statementId, id: await idOf({ application: 'late' }) });
    expect(late).toMatchObject({ ok: true, value: { fault: expect.stringContaining('is not among') as string } });
  });

  it.each([
    [{ lineNo: 9 }, 'line'],
    [{ lineNo: 2, cursor: "x' or 1=1" }, 'cursor'],
    [{ lineNo: 2, statementId: 'stm_none' }, 'statement'],
  ])('a question that makes no sense is refused: %j', async (query, path) => {
    const statementId = await sealedAcme();
    const explained = await explainLine(test.database, { statementId, ...query });
    expect(explained).toMatchObject({ ok: false, error: { path } });
  });

  describe('what is sealed', () => {
    /** Past every trigger, as somebody with all rights would. */
    const tamper = (sql: string, bindings: readonly string[] = []): Promise<void> =>
      test.database.transaction(async (transaction) => {
        await transaction.raw('set local session_replication_role = replica');
        await transaction.raw(sql, [...bindings]);
      });
    const faultsOf = async (id: string): Promise<readonly string[]> => {
      const check = await verifyStatement(test.database, id);
      if (!check.ok) throw new Error(check.error.problem);
      return check.value.faults.map(({ kind, lineNo, day }) =>
        [kind, lineNo, day].filter((part) => part !== undefined).join(' '),
      );
    };

    it.each([
      ['an amount', `update billing.statement_line set amount_minor = 1 where line_no = 2`, ['rows 2']],
      ['a subtotal', `update billing.statement set subtotal_minor = 1 where tenant = 'acme'`, ['rows']],
      [
        'the document',
        `update billing.statement set document = replace(document, '10064', '10063') where tenant = 'acme'`,
        ['seal'],
      ],
      ['who bears it', `update billing.statement_allocation set team = 'x' where team = 'red'`, ['rows 2']],
      ['a hash', `update billing.statement_evidence set buckets = '[]' where line_no = 1`, ['evidence 1']],
      [
        'a record',
        `update billing.invocation set content_sha256 = sha256('x') where id = (select id from billing.invocation where server = 'weather' order by id limit 1)`,
        ['records 2 2026-03-01'],
      ],
      [
        'the outcome of a record',
        `update billing.invocation set outcome = 'refused' where id = (select id from billing.invocation where server = 'maps' order by id limit 1)`,
        ['records 1 2026-03-03'],
      ],
      [
        'a record that was deleted',
        `delete from billing.invocation where id = (select id from billing.invocation where server = 'maps' order by id limit 1)`,
        ['records 1 2026-03-03'],
      ],
      [
        'records past their retention',
        `with gone as (delete from billing.invocation where server = 'maps') update billing.retention set kept_from = '2026-04-01'`,
        ['records_dropped 1 2026-03-03'],
      ],
      ['nothing', `select 1`, []],
    ])('shows that %s was changed', async (_name, sql, faults) => {
      const id = await sealedAcme();
      await tamper(sql);
      expect(await faultsOf(id)).toEqual(faults);
    });
  });
});
