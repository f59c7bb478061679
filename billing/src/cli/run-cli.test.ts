import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  createTestDatabase,
  createUnmigratedDatabase,
  hasPostgres,
  type TestDatabase,
} from '../database/testing/test-database.ts';
import { commands } from './commands/index.ts';
import { run, runJson } from './testing/run-in-memory.ts';

describe('the command line', () => {
  it('explains itself, every command with an example, and the exit codes', async () => {
    const { code, out } = await run(['--help']);
    expect(code).toBe(0);
    for (const { name, summary } of commands) expect(out).toContain(`  ${name.padEnd(16)}  ${summary}`);
    for (const { name } of commands) {
      const help = await run([...name.split(' '), '--help']);
      expect(help.code).toBe(0);
      expect(help.out).toContain(`Usage: stoa-billing ${name}`);
      expect(help.out).toMatch(new RegExp(`\\n {2}stoa-billing ${name}`));
      expect(help.out).toContain('Exit codes:');
      expect((await run(['help', ...name.split(' ')])).out).toBe(help.out);
    }
  });

  it('lists every option of a command in its help', async () => {
    for (const { name, help, options } of commands)
      for (const option of Object.keys(options)) expect(`${name}: ${help}`).toContain(`--${option}`);
  });

  it.each<[readonly string[], string]>([
    [[], 'name a command'],
    [['migrat'], 'there is no command "migrat"; did you mean migrate?'],
    [['tokn', 'add'], 'there is no command "tokn"; did you mean token?'],
    [['token'], 'complete token: token add, token list, token revoke'],
    [['token', 'ad'], 'there is no command "token ad": token add'],
    [['migrate', '--dryrun'], "Unknown option '--dryrun'"],
    [['tenant', 'add'], 'tenant add takes 1 argument, and 0 were given'],
  ])('answers %j with exit code 2 and what to do', async (argv, sentence) => {
    const { code, out, err } = await run(argv);
    expect([code, out]).toEqual([2, '']);
    expect(err).toContain(`stoa-billing: ${sentence}`);
  });

  it.each<[string, Record<string, string>, number, string]>([
    [
      'no PostgreSQL address',
      { DATABASE_URL: 'mysql://x/y' },
      3,
      'DATABASE_URL: This is not the address of a PostgreSQL',
    ],
    [
      'a database that is away',
      { DATABASE_URL: 'postgresql://u:hidden@127.0.0.1:1/b' },
      4,
      'The database at 127.0.0.1:1 does not answer',
    ],
    [
      'a live key in shadow',
      { STRIPE_MODE: 'shadow', STRIPE_SECRET_KEY: ['sk', 'live', 'abc'].join('_') },
      3,
      'STRIPE_SECRET_KEY: A live key moves money. Write STRIPE_MODE=live',
    ],
    [
      'a short token',
      { BILLING_API_TOKEN: 'hidden' },
      3,
      'BILLING_API_TOKEN: It has fewer than 32 characters. Make one with',
    ],
    [
      'a file that is not there',
      { BILLING_API_TOKEN_FILE: '/run/token' },
      3,
      'BILLING_API_TOKEN_FILE: The file cannot be read',
    ],
    [
      'a webhook in the clear',
      { BILLING_BUDGET_WEBHOOK_URL: 'http://example.com/' },
      3,
      'BILLING_BUDGET_WEBHOOK_URL: This is not an https address',
    ],
    [
      'a webhook without a secret',
      { BILLING_BUDGET_WEBHOOK_URL: 'https://example.com/' },
      3,
      'BILLING_BUDGET_WEBHOOK_SECRET: Notices are signed',
    ],
    ['no port', { BILLING_PORT: '80808' }, 3, 'BILLING_PORT: This is not a port.'],
  ])('says in one sentence what is wrong with %s', async (_, environment, code, sentence) => {
    const ran = await run(['tenant', 'list'], { environment });
    expect(ran.code).toBe(code);
    expect(ran.err).toContain(sentence);
    expect(ran.err.trim().split('\n')).toHaveLength(1);
    expect(ran.err).not.toContain('hidden');
    const asJson = await run(['tenant', 'list', '--json'], { environment });
    expect(JSON.parse(asJson.out)).toMatchObject({ error: { message: expect.stringContaining(sentence) as string } });
  });
});

describe.skipIf(!hasPostgres)('the command line on a database', () => {
  let test: TestDatabase;
  beforeEach(async () => {
    test = await createTestDatabase();
  });
  afterEach(() => test.close());
  const world = (files: Record<string, string> = {}) => ({ environment: { DATABASE_URL: test.url }, files });

  it('refuses to work on a database that lacks migrations, and runs them', async () => {
    const empty = await createUnmigratedDatabase();
    const on = { environment: { DATABASE_URL: empty.url } };
    const before = await run(['tenant', 'list'], on);
    expect([before.code, before.err]).toEqual([
      3,
      expect.stringMatching(/The database lacks \d+ migrations\. Run: stoa-billing migrate\./),
    ]);
    expect((await run(['migrate', '--dry-run'], on)).out).toMatch(/\d+ migrations would run:\n {2}000-/);
    expect((await run(['migrate'], on)).out).toMatch(/\d+ migrations ran:/);
    expect((await run(['migrate'], on)).out).toBe('The database is up to date.\n');
    expect((await run(['tenant', 'list'], on)).code).toBe(0);
    await empty.close();
  });

  it('says who is wrong when PostgreSQL refuses the password', async () => {
    const url = new URL(test.url);
    url.password = 'wrong';
    const ran = await run(['tenant', 'list'], { environment: { DATABASE_URL: url.href } });
    expect([ran.code, ran.err]).toEqual([3, expect.stringContaining('Check user, password and database.')]);
  });

  it('adds tenants, names the one that was meant, and tokens that are shown once', async () => {
    expect((await run(['tenant', 'add', 'acme', '--currency', 'EUR'], world())).err).toContain('Write eur.');
    expect((await run(['tenant', 'add', 'acme', '--currency', 'eur', '--name', 'Acme'], world())).code).toBe(0);
    expect(await runJson(['tenant', 'list'], world())).toMatchObject({ tenants: [{ id: 'acme', currency: 'eur' }] });
    const unknown = await run(['token', 'add', 'portal', '--role', 'usage', '--tenant', 'acmee'], world());
    expect([unknown.code, unknown.err]).toEqual([
      5,
      expect.stringContaining('There is no tenant acmee. Did you mean acme?'),
    ]);
    expect((await run(['token', 'add', 'x', '--role', 'usag'], world())).err).toContain('Did you mean usage?');
    const made = await runJson(
      ['token', 'add', 'portal', '--role', 'usage', '--tenant', 'acme', '--days', '30'],
      world(),
    );
    expect(made).toMatchObject({
      token: expect.stringMatching(/^stoa_[\w-]{43}$/) as string,
      expiresAt: '2027-01-02T12:00:00.000Z',
    });
    expect((await run(['token', 'list'], world())).out).not.toContain(made.token);
    expect((await run(['token', 'revoke', made.id], world())).code).toBe(0);
    expect((await run(['token', 'revoke', made.id], world())).code).toBe(5);
    expect((await run(['token', 'list'], world())).out).toContain('revoked');
  });

  it('takes a price document whole or not at all, and says every issue', async () => {
    const price =
      '{ server: orders, tool: search_orders, currency: eur, model: flat, unit_amount: "0.05", effective_from: 2026-11-01 }';
    const good = `version: 1\ntenants: [{ id: acme, name: Acme, currency: eur }]\nprices: [${price}]\n`;
    const bad = good.replace('unit_amount', 'unit_amout');
    const files = { 'good.yaml': good, 'bad.yaml': bad };
    const refusal = await run(['prices', 'import', 'bad.yaml'], world(files));
    expect([refusal.code, refusal.err]).toEqual([5, expect.stringContaining('bad.yaml is not taken.\n')]);
    expect(refusal.err).toContain('prices[0]');
    expect((await run(['prices', 'import', 'none.yaml'], world())).code).toBe(3);
    expect((await run(['prices', 'import', 'good.yaml', '--dry-run'], world(files))).out).toContain(
      'Would add or change: 1 tenant, 1 price',
    );
    expect((await run(['tenant', 'list'], world())).out).toContain('There are no tenants');
    expect((await run(['prices', 'import', 'good.yaml'], world(files))).out).toContain(
      'orders/search_orders list eur: 0.05 a call from 2026-11-01',
    );
    expect((await run(['prices', 'import', 'good.yaml'], world(files))).out).toContain('Unchanged: 1.');
    expect((await run(['prices', 'list'], world())).out).toContain('0.05 a call');
  });

  it('keeps budgets and writes the policy that refuses used-up ones', async () => {
    await run(['tenant', 'add', 'acme', '--currency', 'eur'], world());
    const set = (...more: readonly string[]) => run(['budget', 'set', 'b', '--tenant', 'acme', ...more], world());
    expect((await set()).err).toContain('give either --amount or --calls');
    expect((await set('--amount', '1.234')).code).toBe(2);
    expect((await set('--calls', '5', '--team', 'a', '--tool', 'b')).err).toContain('give one of --team');
    expect((await set('--calls', '5', '--tool', 'orders')).err).toContain('write --tool as server/tool');
    expect((await set('--amount', '500.00', '--team', 'support')).out).toBe(
      'Budget b (team support of acme) is 500.00 EUR a month.\n',
    );
    expect((await run(['budget', 'list'], world())).out).toContain('not compared yet');
    await test.database('billing.budget_state').insert({
      ...{ budget_id: 'b', period_start: '2026-12-01', spent: '50000', is_exhausted: true, evaluated_at: new Date() },
    });
    const list = await run(['budget', 'list'], world());
    expect([list.code, list.out]).toEqual([1, expect.stringContaining('100  enabled')]);
    const files: Record<string, string> = { 'base.yaml': 'version: 1\nrules: []\n' };
    const written = await run(['budget', 'policy', '--base', 'base.yaml', '--out', 'policy.json'], world(files));
    expect(written.out).toBe('policy.json refuses 1 used-up budgets.\n');
    expect(JSON.parse(files['policy.json'] ?? '')).toEqual({
      version: 1,
      rules: [],
      limits: [
        {
          id: 'budget-b',
          window: 'month',
          limit: 0,
          per: ['tenant'],
          callers: { tenants: ['acme'], tags: ['team:support'] },
        },
      ],
    });
    expect((await run(['budget', 'delete', 'b'], world())).code).toBe(0);
    expect((await run(['budget', 'delete', 'b'], world())).code).toBe(5);
  });
});
