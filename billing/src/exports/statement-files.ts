import type { Knex } from 'knex';
import { createAllocationBook } from '../domain/allocation/allocation-book.ts';
import { monthOf } from '../domain/calendar/period.ts';
import { loadAllocationRules } from '../price-book/allocation-store.ts';
import { loadDailyUsage } from '../statements/load-usage.ts';
import type { StoredStatement } from '../statements/statement-store.ts';
import { toExportFile, type ExportFile } from './csv.ts';
import type { FocusParties } from './focus.ts';
import { toFocusFile } from './focus-file.ts';
import { createFocusUsage } from './focus-usage.ts';
import { toAllocationCsv, toStatementCsv } from './statement-csv.ts';
import { renderStatementHtml } from './statement-html.ts';
import { toStatementView } from './to-statement-view.ts';

/** Every form of a statement as a file: paths of the API and names of the command line. */
export const statementFiles = {
  'lines.csv': { summary: 'Its lines as CSV; the column Amount adds up to the subtotal', mediaType: 'text/csv' },
  'teams.csv': { summary: 'Who bears its lines, as CSV', mediaType: 'text/csv' },
  'focus.csv': {
    summary: 'FOCUS 1.2: daily rows; the column BilledCost adds up to the invoice',
    mediaType: 'text/csv',
  },
  'statement.html': { summary: 'The statement as a person reads and prints it', mediaType: 'text/html' },
} as const satisfies Readonly<Record<string, { readonly summary: string; readonly mediaType: string }>>;

export type StatementFileName = keyof typeof statementFiles;

export interface StatementFileRequest {
  readonly stored: StoredStatement;
  readonly form: StatementFileName;
  /** Who sells. */
  readonly parties: FocusParties;
}

export const makeStatementFile = async (
  database: Knex,
  { stored, form, parties }: StatementFileRequest,
): Promise<ExportFile> => {
  switch (form) {
    case 'lines.csv':
      return toStatementCsv(stored.statement);
    case 'teams.csv':
      return toAllocationCsv(stored.statement);
    case 'focus.csv':
      return makeFocus(database, stored, parties);
    case 'statement.html':
      return makePage(stored, parties.issuer);
  }
};

const makeFocus = async (
  database: Knex,
  { statement, stripeInvoiceId }: StoredStatement,
  parties: FocusParties,
): Promise<ExportFile> => {
  const { tenant, periodStart } = statement;
  const [usage, rules] = await Promise.all([
    loadDailyUsage(database, { tenant, period: monthOf(periodStart) }),
    loadAllocationRules(database, tenant),
  ]);
  return toFocusFile({
    ...{ statement, parties, usageOf: createFocusUsage(usage, createAllocationBook(rules)) },
    ...(stripeInvoiceId === undefined ? {} : { invoiceId: stripeInvoiceId }),
  });
};

const makePage = ({ statement, state, sealedAt, stripeInvoiceId }: StoredStatement, issuer: string): ExportFile => {
  const view = toStatementView(statement, {
    ...{ issuer, state },
    ...(sealedAt === undefined ? {} : { sealedAt: sealedAt.toISOString() }),
    ...(stripeInvoiceId === undefined ? {} : { invoiceId: stripeInvoiceId }),
  });
  const text = renderStatementHtml(view);
  return toExportFile({ name: `${statement.id}.html`, mediaType: 'text/html; charset=utf-8', text });
};
