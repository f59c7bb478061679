import { describeIssue } from '../../domain/issue.ts';
import { formatMoney } from '../../domain/money/money.ts';
import { success, type Result } from '../../domain/result.ts';
import { parseMinor } from '../../price-book/to-price-version.ts';
import { createCredit, type CreditRequest } from '../../statements/credit.ts';
import { findStatement } from '../../statements/statement-store.ts';
import { issueCreditNotes, type CreditOutcome } from '../../stripe/invoices/credit-notes.ts';
import type { ProviderContext } from '../../stripe/provider-context.ts';
import type { Arguments, SessionCommand } from '../command.ts';
import { misused, refused, type CliFailure } from '../failure.ts';
import { actorOf } from '../options.ts';

export const credit: SessionCommand = {
  name: 'credit',
  needs: 'database',
  summary: 'give back part of a sealed statement',
  usage: 'STATEMENT --key KEY --reason TEXT [options]',
  help: `Gives back part of a sealed statement, never more than is left of it. The statement stays; the credit becomes a line of the next
one, or a credit note on the invoice. The same --key again is the same credit and gives nothing back twice.

  stoa-billing credit stm_2026-11_0123456789abcdef --line 3 --amount 25.00 --key TICKET-7 --reason 'duplicate batch' --dry-run
  stoa-billing credit stm_2026-11_0123456789abcdef --line 3 --calls 500 --key TICKET-7 --reason 'duplicate batch'

  --key KEY         a number of your own, e.g. of a ticket
  --reason TEXT     as the tenant reads it
  --line N          the line; the statement as a whole when left out
  --amount AMOUNT   in major units; all that is left when neither this nor --calls is given
  --calls N         calls of a line whose calls all cost the same
  --credit-note     on the Stripe invoice instead of the next statement
  --dry-run         check and show, change nothing`,
  options: {
    key: { type: 'string' },
    reason: { type: 'string' },
    line: { type: 'string' },
    amount: { type: 'string' },
    calls: { type: 'string' },
    'credit-note': { type: 'boolean' },
    'dry-run': { type: 'boolean' },
  },
  positionals: { min: 1, max: 1 },
  run: async (parameters, { database, now, provider }, io) => {
    const read = readCredit(parameters);
    if (!read.ok) return read;
    const { statementId, amount, ...asked } = read.value;
    const stored = await findStatement(database, statementId);
    if (stored === undefined) return refused(`There is no statement ${statementId}; see: stoa-billing statement.`);
    const minor = amount === undefined ? undefined : parseMinor(amount, stored.statement.currency, '--amount');
    if (minor?.ok === false) return misused(describeIssue(minor.error));
    const isDryRun = parameters.flag('dry-run');
    // A dry run goes the whole way and is rolled back: what it shows is what would happen.
    const transaction = await database.transaction();
    const done = await createCredit(transaction, {
      ...{ statementId, actor: actorOf(io), now: new Date(now()), ...asked },
      ...(minor === undefined ? {} : { amountMinor: minor.value }),
    });
    await (isDryRun || !done.ok ? transaction.rollback() : transaction.commit());
    if (!done.ok) return refused('Nothing is given back.', done.error.map(describeIssue));
    const { adjustment, isNew } = done.value;
    const note = isDryRun || asked.settlement !== 'credit_note' ? undefined : await issueNote(provider, adjustment.id);
    const verb = verbOf({ isDryRun, isNew });
    return success({
      hasFindings: note !== undefined && note.kind !== 'issued',
      text: [
        `${formatMoney(-adjustment.amountMinor, adjustment.currency)} ${verb} back as ${adjustment.id}.`,
        ...(note === undefined ? [] : [`Credit note: ${note.kind === 'issued' ? note.creditNoteId : note.because}`]),
      ].join('\n'),
      json: { isDryRun, isNew, adjustment, creditNote: note },
    });
  },
};

const verbOf = ({ isDryRun, isNew }: { readonly isDryRun: boolean; readonly isNew: boolean }): string => {
  if (isDryRun) return 'would be given';
  return isNew ? 'is given' : 'was given before';
};

/** Without Stripe it waits; the worker issues it when there is one. */
const issueNote = async (provider: ProviderContext | undefined, id: string): Promise<CreditOutcome | undefined> =>
  provider === undefined
    ? undefined
    : (await issueCreditNotes(provider)).find(({ adjustmentId }) => adjustmentId === id)?.outcome;

interface AskedCredit extends Pick<CreditRequest, 'idempotencyKey' | 'statementId' | 'reason' | 'settlement'> {
  readonly lineNo?: number;
  readonly quantity?: bigint;
  /** In major units of a currency that only the statement knows. */
  readonly amount?: string;
}

const readCredit = ({ positionals, option, flag }: Arguments): Result<AskedCredit, CliFailure> => {
  const [key, reason, line, amount, calls] = ['key', 'reason', 'line', 'amount', 'calls'].map(option);
  if (key === undefined || reason === undefined) return misused('give --key and --reason');
  if (amount !== undefined && calls !== undefined) return misused('give --amount or --calls, not both');
  const whole = /^[1-9]\d{0,14}$/;
  if (line !== undefined && !whole.test(line)) return misused('--line is a whole number above 0');
  if (calls !== undefined && !whole.test(calls)) return misused('--calls is a whole number above 0');
  return success({
    ...{ idempotencyKey: key, reason, statementId: positionals[0] ?? '' },
    settlement: flag('credit-note') ? 'credit_note' : 'next_statement',
    ...(line === undefined ? {} : { lineNo: Number(line) }),
    ...(calls === undefined ? {} : { quantity: BigInt(calls) }),
    ...(amount === undefined ? {} : { amount }),
  });
};
