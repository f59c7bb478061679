import type { Knex } from 'knex';
import type { Database } from '../database/open-database.ts';
import type { Issue } from '../domain/issue.ts';
import type { MinorUnits } from '../domain/money/currency.ts';
import { multiply, parseDecimal } from '../domain/money/decimal.ts';
import { formatMoney, roundToMinor } from '../domain/money/money.ts';
import { failure, success, type Result } from '../domain/result.ts';
import type { Statement, StatementLine } from '../domain/statements/statement.ts';
import { checkAmount, checkRequest, saveOnce, type AdjustmentDone } from './adjust.ts';
import { adjustmentId, listAdjustments, type Settlement, type StoredAdjustment } from './adjustment-store.ts';
import { readStatementRow, type StatementRow } from './statement-store.ts';

export interface CreditRequest {
  readonly idempotencyKey: string;
  readonly statementId: string;
  /** The line that is given back, or part of it; the statement as a whole without one. */
  readonly lineNo?: number;
  /** Above zero. Without amount and quantity everything that is left. */
  readonly amountMinor?: MinorUnits;
  /** Calls of a line whose calls all cost the same. */
  readonly quantity?: bigint;
  readonly reason: string;
  readonly actor: string;
  /** `credit_note` on the invoice that the statement became, or a line of the next statement. */
  readonly settlement: Settlement;
  readonly now: Date;
}

/** Gives back part of a sealed statement; never more than what is left of it. The statement itself stays as it is. */
export const createCredit = (
  database: Database,
  request: CreditRequest,
): Promise<Result<AdjustmentDone, readonly Issue[]>> =>
  database.transaction(async (transaction) => {
    const issues = checkRequest(request);
    // The lock makes two credits take turns: each sees what the other gave.
    const row = await transaction('billing.statement')
      .where({ id: request.statementId })
      .forUpdate()
      .first<StatementRow | undefined>('*');
    if (row === undefined) issues.push({ path: 'statement', problem: `There is no statement ${request.statementId}.` });
    else if (row.state === 'draft' || row.state === 'void')
      issues.push({
        path: 'statement',
        problem: `${row.id} is ${row.state === 'void' ? 'void' : 'a draft'}: there is nothing to give back.`,
      });
    if (row === undefined || issues.length > 0) return failure(issues);
    const { statement } = readStatementRow(row);
    const line = statement.lines.find(({ lineNo }) => lineNo === request.lineNo);
    if (request.lineNo !== undefined && line === undefined)
      return failure([
        { path: 'line', problem: `${row.id} has lines 1 to ${statement.lines.length}, not ${request.lineNo}.` },
      ]);
    const given = await listAdjustments(transaction, {
      source: 'credit',
      sourceStatementIds: [row.id],
      isCancelled: false,
    });
    const others = given.filter(({ id }) => id !== adjustmentId(request.idempotencyKey));
    const known = given.find(({ id }) => id === adjustmentId(request.idempotencyKey));
    // Asking again for what is left finds what was left then.
    if (known !== undefined && request.amountMinor === undefined && request.quantity === undefined)
      return success({ adjustment: known, isNew: false });
    const amount = creditAmount(request, { statement, line, others });
    return amount.ok
      ? saveOnce(transaction, toAdjustment(request, { statement, line, amount: amount.value }))
      : failure([amount.error]);
  });

interface Credited {
  readonly statement: Statement;
  readonly line: StatementLine | undefined;
  readonly others: readonly StoredAdjustment[];
}

const creditAmount = (
  { amountMinor, quantity }: CreditRequest,
  { statement, line, others }: Credited,
): Result<MinorUnits, Issue> => {
  const { currency, subtotalMinor } = statement;
  const left = subtotalMinor + sumOf(others);
  const leftOfLine =
    line === undefined
      ? left
      : line.amountMinor + sumOf(others.filter(({ sourceLineNo }) => sourceLineNo === line.lineNo));
  const most = leftOfLine < left ? leftOfLine : left;
  const wanted =
    amountMinor === undefined && quantity !== undefined
      ? quantityAmount(quantity, { line, currency })
      : success(amountMinor ?? most);
  if (!wanted.ok) return wanted;
  const checked = checkAmount(wanted.value, currency);
  if (!checked.ok) return checked;
  return wanted.value > 0n && wanted.value <= most
    ? wanted
    : failure({
        path: 'amount',
        problem: `${formatMoney(wanted.value, currency)} cannot be given back: ${formatMoney(most > 0n ? most : 0n, currency)} are left.`,
      });
};

const sumOf = (adjustments: readonly StoredAdjustment[]): bigint =>
  adjustments.reduce((sum, { amountMinor }) => sum + amountMinor, 0n);

const quantityAmount = (
  quantity: bigint,
  { line, currency }: { readonly line: StatementLine | undefined; readonly currency: string },
): Result<MinorUnits, Issue> => {
  const unit = line?.unitAmount === undefined ? undefined : parseDecimal(line.unitAmount);
  if (line === undefined || unit?.ok !== true)
    return failure({
      path: 'quantity',
      problem: 'Calls of this line have no price of their own.',
      suggestion: 'Give the amount.',
    });
  if (quantity < 1n || quantity > line.quantity - line.freeQuantity)
    return failure({
      path: 'quantity',
      problem: `Must be from 1 to ${line.quantity - line.freeQuantity}, the calls that were paid.`,
    });
  return success(roundToMinor(multiply(unit.value, quantity), currency));
};

const toAdjustment = (
  { idempotencyKey, lineNo, quantity = 0n, reason, actor, settlement, now }: CreditRequest,
  {
    statement,
    line,
    amount,
  }: { readonly statement: Statement; readonly line: StatementLine | undefined; readonly amount: MinorUnits },
) => ({
  idempotencyKey,
  tenant: statement.tenant,
  ...(line?.server === undefined || line.tool === undefined ? {} : { server: line.server, tool: line.tool }),
  day: line?.days[1] ?? statement.periodStart,
  quantityDelta: -quantity,
  amountMinor: -amount,
  currency: statement.currency,
  reason: reason.trim(),
  actor,
  source: 'credit' as const,
  settlement,
  sourceStatementId: statement.id,
  ...(lineNo === undefined ? {} : { sourceLineNo: lineNo }),
  createdAt: now,
});

/** Credits that are to become credit notes and have not. */
export const pendingCreditNotes = (database: Knex): Promise<readonly StoredAdjustment[]> =>
  listAdjustments(database, { settlement: 'credit_note', isPending: true });

/** Keeps the credit note that a credit became. */
export const noteCreditNote = async (
  database: Knex,
  { adjustmentId: id, stripeCreditNoteId }: { readonly adjustmentId: string; readonly stripeCreditNoteId: string },
): Promise<void> => {
  await database('billing.adjustment').where({ id }).update({ stripe_credit_note_id: stripeCreditNoteId });
};
