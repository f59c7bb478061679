import { createHmac } from 'node:crypto';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createTestDatabase, hasPostgres, type TestDatabase } from '../database/testing/test-database.ts';
import type { BudgetNotice } from '../domain/budgets/budget-notice.ts';
import type { Budget, Spending } from '../domain/budgets/budget.ts';
import { deleteBudget, listBudgets, putBudget } from './budget-store.ts';
import { deliverNotices, MAX_ATTEMPTS } from './deliver-notices.ts';
import { currentEnforcement } from './enforcement.ts';
import { evaluateBudgets } from './evaluate-budgets.ts';

const november = Date.parse('2026-11-20T12:00:00Z');
const december = Date.parse('2026-12-01T00:00:00Z');

const budget = (more: Partial<Budget> = {}): Budget => ({
  id: 'acme-month',
  tenant: 'acme',
  scope: { kind: 'tenant' },
  period: 'month',
  limit: { kind: 'amount', minor: 10_000n, currency: 'eur' },
  enforcement: 'enabled',
  ...more,
});

const spent = (amountMinor: bigint, more: Partial<Spending> = {}): Spending => ({
  ...{ application: 'helpdesk', team: 'support', server: 'orders', tool: 'search_orders', quantity: 1n, amountMinor },
  ...more,
});

describe.skipIf(!hasPostgres)('budgets', () => {
  let test: TestDatabase;
  beforeEach(async () => {
    test = await createTestDatabase();
    for (const id of ['acme', 'globex'])
      await test.database('billing.tenant').insert({ id, name: id, currency: 'eur' });
  });
  afterEach(() => test.close());

  const evaluate = (rows: readonly Spending[], now = november) =>
    evaluateBudgets({
      database: test.database,
      spendingOf: (tenant) => Promise.resolve(tenant === 'acme' ? rows : []),
      now,
    });
  const notices = () =>
    test
      .database('billing.budget_notice')
      .orderBy(['period_start', 'limit_value', 'threshold'])
      .pluck<BudgetNotice[]>('payload');
  const deliver = (more: Partial<Parameters<typeof deliverNotices>[0]> = {}) => {
    const logged: BudgetNotice[] = [];
    const options = { database: test.database, log: (notice: BudgetNotice) => void logged.push(notice) };
    return deliverNotices({ ...options, now: () => november, random: () => 0.5, ...more }).then((count) => ({
      count,
      logged,
    }));
  };

  it('are kept, replaced and deleted, each scope with its names', async () => {
    const all: readonly Budget[] = [
      budget({ id: 'a' }),
      budget({ id: 'b', scope: { kind: 'team', team: 'support' }, limit: { kind: 'quantity', quantity: 5n } }),
      budget({ id: 'c', scope: { kind: 'application', application: 'helpdesk' }, enforcement: 'warn_only' }),
      budget({ id: 'd', scope: { kind: 'tool', server: 'orders', tool: 'create_invoice' }, tenant: 'globex' }),
    ];
    for (const each of all) await putBudget(test.database, each, 'test');
    const read = async (tenant?: string) =>
      (
        await listBudgets(test.database, { periodStart: '2026-11-01', ...(tenant === undefined ? {} : { tenant }) })
      ).map((stored) => stored.budget);
    expect(await read()).toEqual(all);
    expect(await read('globex')).toEqual([all[3]]);
    await putBudget(test.database, budget({ id: 'a', enforcement: 'disabled' }), 'test');
    expect(await deleteBudget(test.database, 'b')).toBe(true);
    expect(await deleteBudget(test.database, 'b')).toBe(false);
    expect((await read()).map(({ id, enforcement }) => [id, enforcement])).toEqual([
      ['a', 'disabled'],
      ['c', 'warn_only'],
      ['d', 'enabled'],
    ]);
  });

  it('give one notice per threshold and month, however often they are compared', async () => {
    await putBudget(test.database, budget(), 'test');
    for (const amount of [4_000n, 5_100n, 5_200n, 9_600n, 9_700n, 12_000n]) await evaluate([spent(amount)]);
    expect((await notices()).map(({ threshold, spent: { text } }) => [threshold, text])).toEqual([
      [50, '51.00 EUR'],
      [80, '96.00 EUR'],
      [95, '96.00 EUR'],
      [100, '120.00 EUR'],
    ]);
    await evaluate([spent(6_000n)], december);
    expect((await notices()).map(({ month, threshold }) => `${month} ${threshold}`)).toContain('2026-12 50');
    expect(await notices()).toHaveLength(5);
  });

  it('of eight workers that compare at once still give one notice each', async () => {
    await putBudget(test.database, budget(), 'test');
    await Promise.all(Array.from({ length: 8 }, () => evaluate([spent(10_000n)])));
    expect(await notices()).toHaveLength(4);
  });

  it('that are raised are reached anew, and say so in words that a person can act on', async () => {
    await putBudget(test.database, budget(), 'test');
    await evaluate([spent(10_000n)]);
    await putBudget(test.database, budget({ limit: { kind: 'amount', minor: 20_000n, currency: 'eur' } }), 'test');
    await evaluate([spent(10_000n)]);
    expect((await notices()).map(({ id }) => id)).toEqual([
      ...['acme-month:2026-11:10000:50', 'acme-month:2026-11:10000:80'],
      ...['acme-month:2026-11:10000:95', 'acme-month:2026-11:10000:100', 'acme-month:2026-11:20000:50'],
    ]);
    expect((await notices())[3]).toMatchObject({
      scope: { kind: 'tenant' },
      limit: { kind: 'amount', value: '10000', currency: 'eur' },
      text: 'Budget acme-month (tenant acme) has reached 100 % in 2026-11: 100.00 EUR of 100.00 EUR. The gateway refuses further calls until the month ends or the budget is raised.',
    });
  });

  it('that are disabled give no notice and refuse nothing, but show how they stand', async () => {
    await putBudget(test.database, budget({ enforcement: 'disabled' }), 'test');
    await evaluate([spent(11_000n)]);
    expect(await notices()).toEqual([]);
    const [stored] = await listBudgets(test.database, { periodStart: '2026-11-01' });
    expect(stored?.state).toMatchObject({ spent: 11_000n, isExhausted: true });
    expect((await currentEnforcement(test.database, { now: november })).limits).toEqual([]);
  });

  it('refuse at the gateway from 100 % until the month ends or the budget is raised, and only the tenant asked for', async () => {
    await putBudget(test.database, budget(), 'test');
    await putBudget(test.database, budget({ id: 'globex', tenant: 'globex' }), 'test');
    const enforcement = (now = november, tenant?: string) =>
      currentEnforcement(test.database, { now, ...(tenant === undefined ? {} : { tenant }) });
    await evaluate([spent(9_999n)]);
    const before = await enforcement();
    expect(before.limits).toEqual([]);
    await evaluate([spent(10_000n)]);
    const after = await enforcement();
    expect(after.exhausted).toEqual([{ budget: 'acme-month', tenant: 'acme', scope: 'tenant acme' }]);
    expect(after.limits.map(({ id }) => id)).toEqual(['budget-acme-month']);
    expect(after.revision).not.toBe(before.revision);
    expect((await enforcement()).revision).toBe(after.revision);
    expect((await enforcement(november, 'globex')).limits).toEqual([]);
    expect((await enforcement(december)).limits).toEqual([]);
    await putBudget(test.database, budget({ limit: { kind: 'amount', minor: 99_999n, currency: 'eur' } }), 'test');
    expect((await enforcement()).limits).toEqual([]);
  });

  describe('notices', () => {
    interface Received {
      readonly headers: IncomingHttpHeaders;
      readonly body: string;
    }
    const receive = async (answer: () => number) => {
      const received: Received[] = [];
      const server = createServer((request, response) => {
        const chunks: Buffer[] = [];
        request
          .on('data', (chunk: Buffer) => chunks.push(chunk))
          .on('end', () => {
            received.push({ headers: request.headers, body: Buffer.concat(chunks).toString('utf8') });
            response.writeHead(answer()).end();
          });
      }).listen(0, '127.0.0.1');
      await new Promise((resolve) => server.once('listening', resolve));
      const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/budgets`;
      return { url, received, close: () => new Promise((resolve) => server.close(resolve)) };
    };
    beforeEach(async () => {
      await putBudget(test.database, budget(), 'test');
      await evaluate([spent(8_000n)]);
    });

    it('are signed over their exact bytes, delivered once, and logged', async () => {
      const receiver = await receive(() => 204);
      const webhook = { url: receiver.url, secret: 'a-secret-of-the-receiver' };
      expect(await deliver({ webhook })).toMatchObject({ count: 2, logged: [{ threshold: 50 }, { threshold: 80 }] });
      expect(await deliver({ webhook })).toMatchObject({ count: 0 });
      await receiver.close();
      expect(receiver.received).toHaveLength(2);
      for (const { headers, body } of receiver.received) {
        const mac = createHmac('sha256', webhook.secret)
          .update(`${november / 1000}.${body}`)
          .digest('hex');
        expect(headers['x-billing-signature']).toBe(`t=${november / 1000},v1=${mac}`);
        expect(headers['idempotency-key']).toBe((JSON.parse(body) as BudgetNotice).id);
      }
    });

    it('wait while the receiver is away, longer each time, and are sent when it is back', async () => {
      let status = 503;
      const receiver = await receive(() => status);
      const webhook = { url: receiver.url, secret: 'a-secret-of-the-receiver' };
      expect(await deliver({ webhook })).toMatchObject({ count: 0, logged: [{ threshold: 50 }, { threshold: 80 }] });
      const rows = () => test.database('billing.budget_notice').orderBy('threshold');
      const [row] = await rows();
      expect(row).toMatchObject({ attempts: 1, last_error: 'the receiver answered 503', delivered_at: null });
      expect(await deliver({ webhook })).toEqual({ count: 0, logged: [] });
      status = 200;
      await test.database('billing.budget_notice').update({ next_attempt_at: new Date(0) });
      expect(await deliver({ webhook })).toEqual({ count: 2, logged: [] });
      await receiver.close();
      expect((await rows())[0]).toMatchObject({ attempts: 2, last_error: null, next_attempt_at: null });
    });

    it(`are given up after ${MAX_ATTEMPTS} attempts, with their error kept`, async () => {
      const webhook = { url: 'http://127.0.0.1:1/', secret: 'a-secret-of-the-receiver' };
      await test.database('billing.budget_notice').update({ attempts: MAX_ATTEMPTS - 1 });
      expect(await deliver({ webhook })).toMatchObject({ count: 0 });
      const [row] = await test.database('billing.budget_notice');
      expect(row).toMatchObject({ attempts: MAX_ATTEMPTS, next_attempt_at: null, delivered_at: null });
      expect(row.last_error).toMatch(/^the receiver does not answer: /);
    });

    it('go to the log alone where there is no receiver', async () => {
      expect(await deliver()).toMatchObject({ count: 2, logged: [{ threshold: 50 }, { threshold: 80 }] });
      expect(await deliver()).toMatchObject({ count: 0 });
    });
  });
});
