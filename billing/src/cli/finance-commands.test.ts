import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startStripeDouble, type StripeDouble } from '../../testing/stripe-double/start-stripe-double.ts';
import { createTestDatabase, hasPostgres, type TestDatabase } from '../database/testing/test-database.ts';
import { seedTwoTenants, statementOf } from '../http/testing/two-tenants.ts';
import { seedCalls } from '../statements/testing/seed-calls.ts';
import { addToQuarantine } from '../ledger/quarantine.ts';
import { newEvent } from '../ledger/testing/events.ts';
import { run, runJson, type World } from './testing/run-in-memory.ts';

describe.skipIf(!hasPostgres)("the command line's finance", () => {
  let test: TestDatabase;
  let double: StripeDouble;
  let statement: string;
  beforeAll(async () => {
    [test, double] = await Promise.all([createTestDatabase(), startStripeDouble()]);
    await seedTwoTenants(test.database);
    statement = await statementOf(test.database, 'acme');
  });
  afterAll(() => Promise.all([test.close(), double.close()]));

  const world = (more: World & { readonly stripe?: boolean } = {}): World => ({
    ...more,
    environment: {
      DATABASE_URL: test.url,
      ...(more.stripe === true
        ? { STRIPE_MODE: 'shadow', STRIPE_SECRET_KEY: 'sk_test_double', STRIPE_API_BASE: double.url }
        : {}),
    },
  });

  it('previews a month, with what it is expected to become and what has no price', async () => {
    const now = Date.parse('2026-11-20T12:00:00Z');
    const ran = await run(['preview', 'acme'], world({ now }));
    expect(ran.code).toBe(1);
    expect(ran.out).toContain('2026-11 so far, not final');
    expect(ran.out).toMatch(/Total before tax\s+2\.00 EUR/);
    expect(ran.out).toContain('no price: orders/confirm_refund, 3 calls');
    expect(ran.out).toContain('Expected at the end: 3.05 EUR');
    expect((await run(['preview', 'acmee'], world())).err).toContain('Did you mean acme?');
    expect((await run(['preview', 'acme', '2026-13'], world())).code).toBe(2);
  });

  it('closes what is over, holds what has no price, and shows first what it would do', async () => {
    const dry = await run(['close', '2026-11', '--dry-run'], world({ showsProgress: true }));
    expect([dry.code, dry.out]).toEqual([1, expect.stringContaining('2026-11: 0 would be sealed, 2 held')]);
    expect(dry.out).toContain('held: acme: No price for orders/confirm_refund (3 calls).');
    expect(dry.err).toContain('\r');
    expect((await runJson(['statement', '--month', '2026-11'], world())).statements).toEqual([]);
    expect((await run(['close', '2026-12'], world())).code).toBe(5);
    expect((await run(['close', '2026-11', '--force'], world())).err).toContain('--force and --reason go together');
    const forced = await run(['close', '2026-11', '--force', '--reason', 'a gift'], world());
    expect(forced.out).toContain('2026-11: 2 sealed, 0 held');
    expect((await run(['close', '2026-11'], world())).out).toContain('0 sealed, 0 held, 0 failed, 2 sealed before');
  });

  it('lists, shows and verifies statements, and finds a changed record', async () => {
    expect((await run(['statement', '--tenant', 'acme'], world())).out).toMatch(/acme\s+2026-10\s+sealed\s+15\.00 EUR/);
    expect((await run(['statement', statement], world())).out).toMatch(/Total before tax\s+15\.00 EUR/);
    expect((await run(['statement', statement, '--verify'], world())).out).toContain(
      `${statement} is what was sealed: 2 lines`,
    );
    expect((await run(['statement', 'stm_none'], world())).code).toBe(5);
    await test.database.raw('alter table billing.invocation disable trigger user');
    await test.database.raw(
      `update billing.invocation set content_sha256 = sha256('x') where id = (select id from billing.invocation where tenant = 'acme' and tool = 'create_invoice' limit 1)`,
    );
    const bad = await run(['statement', statement, '--verify'], world());
    expect([bad.code, bad.out]).toEqual([
      1,
      expect.stringContaining('create_invoice on 2026-10-06 are not those that were sealed'),
    ]);
  });

  it('explains a line down to its calls', async () => {
    const { out, code } = await run(['explain', statement, '1', '--calls', '3'], world());
    expect(code).toBe(0);
    expect(out).toMatch(/Price \S+: up to 10: 1, above: 0\.5/);
    expect(out.match(/^ {2}call {2}/gm)).toHaveLength(3);
    expect(out).toContain('and more');
    expect((await run(['explain', statement, '9'], world())).code).toBe(5);
    expect((await run(['explain', statement, 'x'], world())).code).toBe(2);
  });

  it('gives back once under a key, never more than is left, and nothing in a dry run', async () => {
    const give = (...more: readonly string[]) =>
      run(['credit', statement, '--key', 'T-1', '--reason', 'duplicate', ...more], world());
    const count = () => test.database('billing.adjustment').count<{ count: bigint }[]>('* as count');
    expect((await give('--line', '2', '--amount', '1.00', '--dry-run')).out).toContain('1.00 EUR would be given back');
    expect(Number((await count())[0]?.count)).toBe(0);
    expect((await give('--line', '2', '--amount', '1.00')).out).toContain('1.00 EUR is given back');
    expect((await give('--line', '2', '--amount', '1.00')).out).toContain('1.00 EUR was given before');
    const more = await run(['credit', statement, '--key', 'T-2', '--reason', 'x', '--amount', '99.00'], world());
    expect([more.code, more.err]).toEqual([5, expect.stringContaining('Nothing is given back.')]);
    expect((await give('--amount', '1', '--calls', '2')).code).toBe(2);
  });

  it('exports with a digest beside the file', async () => {
    const files: Record<string, string> = {};
    const { out } = await run(['export', statement, '--as', 'focus.csv', '--out', 'exports'], world({ files }));
    expect(out).toBe(`exports/${statement}-focus-1.2.csv\n`);
    const text = files[`exports/${statement}-focus-1.2.csv`] ?? '';
    const digest = createHash('sha256').update(text).digest('hex');
    expect(files[`exports/${statement}-focus-1.2.csv.sha256`]).toBe(`${digest}  ${statement}-focus-1.2.csv\n`);
    expect((await run(['export', statement], world())).out).toContain('StatementId,Tenant');
    expect((await run(['export', statement, '--as', 'pdf'], world())).code).toBe(2);
  });

  it('plans and applies the catalog, then reconciles, and says so when Stripe is off', async () => {
    expect((await run(['catalog', 'plan'], world())).err).toContain('STRIPE_MODE: Stripe is off.');
    const on = world({ stripe: true, now: Date.now() });
    const plan = await run(['catalog', 'plan'], on);
    expect([plan.code, plan.out]).toEqual([1, expect.stringContaining('+ create customer acme')]);
    expect((await run(['catalog', 'apply', '--dry-run'], on)).out).toBe(plan.out);
    expect((await run(['catalog', 'apply'], on)).out).toMatch(/^\d+ changes made\./);
    expect((await run(['catalog', 'plan'], on)).out).toBe('Stripe has everything.\n');
    const report = await run(['reconcile', '--tenant', 'acme'], on);
    expect(report.out).toMatch(/^rec_\w+: \d+ days? of tools compared/);
    expect((await run(['reconcile', '--last'], on)).out).toContain(report.out.split(':')[0]);
    await double.close();
    expect((await run(['catalog', 'plan'], on)).code).toBe(4);
  });

  it('adds nodes, shows what waits in quarantine, and replays it', async () => {
    const made = await runJson(['node', 'add', 'gw-9'], world());
    expect(made.token).toMatch(/^mgn_/);
    expect((await run(['node', 'add', 'gw-9'], world())).code).toBe(5);
    expect((await run(['node', 'list'], world())).out).toContain('gw-9');
    const raw = JSON.stringify(newEvent({ sequence: 1, nodeId: 'gw-9' }));
    await addToQuarantine(test.database, 'gw-9', [{ id: 'e', reason: 'future', detail: 'clock', raw }]);
    const list = await run(['replay', '--list'], world());
    const [id = ''] = /^\d+/m.exec(list.out) ?? [];
    expect([list.code, (await run(['replay', '--show', id], world())).out]).toEqual([1, `${raw}\n`]);
    expect((await run(['replay'], world())).err).toContain('give ids, or --all');
    expect((await run(['replay', id], world())).out).toBe('1 accepted, 0 known before, 0 stay, 0 not found.\n');
    expect((await run(['replay', id], world())).code).toBe(1);
    expect((await run(['node', 'revoke', 'gw-9'], world())).code).toBe(0);
    expect((await run(['node', 'revoke', 'gw-9'], world())).code).toBe(5);
  });

  it('searches and exports the audit, and verifies what was ingested', async () => {
    const range = ['--from', '2026-01-01', '--to', '2126-01-01', '--tenant', 'acme'];
    const found = await run(['audit', 'search', ...range, '--tool', 'create_invoice', '--limit', '5'], world());
    expect(found.out.split('\n')).toHaveLength(7);
    expect((await run(['audit', 'search', '--decision', 'maybe'], world())).code).toBe(2);
    expect((await run(['audit', 'search', '--from', '2020-01-01'], world())).err).toContain('31 days');
    const csv = await run(['audit', 'export', ...range, '--format', 'csv', '--outcome', 'tool_error'], world());
    expect(csv.out.trim().split('\r\n')).toHaveLength(5);
    const day = new Date().toISOString().slice(0, 10);
    expect((await run(['audit', 'verify', '--from', day], world())).out).toBe(
      '1 records of 1 days are what was recorded.\n',
    );
    expect((await run(['audit', 'verify', '--from', '2026-13-01'], world())).code).toBe(2);
  });

  it('reads a log of Kong, skips what is not governed and names what it cannot read', async () => {
    const files = { 'kong.log': '{"request":{}}\nnot json\n\n' };
    const ran = await run(['backfill', 'kong.log', '--node', 'gw-1', '--dry-run'], world({ files }));
    expect([ran.code, ran.out]).toEqual([
      1,
      expect.stringContaining('0 records read, 1 lines without one, 1 unreadable; nothing stored.'),
    ]);
    expect(ran.out).toContain('line 2: is not a JSON object');
    expect((await run(['backfill', 'kong.log'], world({ files }))).code).toBe(2);
  });

  it('names what is wrong, and what to do about it', async () => {
    await seedCalls(test.database, {
      day: '2026-12-03',
      count: 2,
      tenant: 'acme',
      server: 'orders',
      tool: 'confirm_refund',
      isRollupOnly: true,
    });
    const { code, out } = await run(['doctor'], world());
    expect(code).toBe(1);
    expect(out).toContain('ok    database  up to date');
    expect(out).toMatch(/LOOK {2}usage +2026-12-03 acme orders\/confirm_refund: 0 records, daily usage says 2/);
    expect(out).toMatch(/LOOK {2}prices +acme: orders\/confirm_refund has no price/);
    expect(out).toMatch(/ok {4}stripe +off/);
  });
});
