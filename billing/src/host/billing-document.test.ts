import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { exitCodes } from '../cli/io.ts';
import { roles } from '../http/access.ts';
import { statementFiles } from '../exports/statement-files.ts';
import { stripeVariables } from '../stripe/client/stripe-settings.ts';
import type { ProviderContext } from '../stripe/provider-context.ts';
import { billingVariables } from './billing-settings.ts';
import { createJobs } from './create-jobs.ts';

const text = readFileSync(path.resolve(import.meta.dirname, '../../../docs/billing.md'), 'utf8');

/** First and second cells of the table's rows, without the marks of code. */
const rows = new Map(
  [...text.matchAll(/^\| (.+?) +\| (.+?) +\|/gm)].map(([, name = '', what = '']) => [name.replaceAll('`', ''), what]),
);

describe('docs/billing.md', () => {
  it('has every variable in the words of the program', () => {
    for (const [name, what] of Object.entries(billingVariables)) expect([name, rows.get(name)]).toEqual([name, what]);
    for (const name of Object.values(stripeVariables)) expect([name, rows.has(name)]).toEqual([name, true]);
  });

  it('has every role, exit code and form of export', () => {
    const names = [...roles, ...Object.values(exitCodes).map(String), ...Object.keys(statementFiles)];
    expect(names.filter((name) => !rows.has(name))).toEqual([]);
  });

  it('has every job with its pace', () => {
    const provider = { environment: 'x' } as ProviderContext;
    const paces: Readonly<Record<number, string>> = {
      ...{ 5: '5 s', 10: '10 s', 600: '10 min', 900: '15 min', 3_600: '1 h', 21_600: '6 h', 86_400: '1 day' },
    };
    const jobs = createJobs({ provider, log: () => undefined });
    expect(jobs.length).toBeGreaterThan(8);
    for (const { name, everySeconds } of jobs) {
      const known = name.replace(/-x$/, '');
      expect([known, rows.get(known)]).toEqual([known, paces[everySeconds]]);
    }
  });
});
