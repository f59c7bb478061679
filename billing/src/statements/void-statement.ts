import type { Database } from '../database/open-database.ts';
import type { Issue } from '../domain/issue.ts';
import { failure, success, type Result } from '../domain/result.ts';
import { PRICE_BOOK_LOCK } from '../price-book/import-prices.ts';
import { listAdjustments } from './adjustment-store.ts';
import type { StatementRow } from './statement-store.ts';

export interface VoidRequest {
  readonly statementId: string;
  readonly reason: string;
  readonly actor: string;
  readonly now: Date;
}

/**
 * Declares a sealed statement void, so that closing its period makes another one. It stays readable; the corrections that it
 * carried wait for the next statement again, and those for its late calls are dropped, because the new one counts them.
 */
export const voidStatement = (database: Database, request: VoidRequest): Promise<Result<undefined, Issue>> =>
  database.transaction(async (transaction) => {
    await transaction.raw('select pg_advisory_xact_lock(?)', [PRICE_BOOK_LOCK]);
    const { statementId, reason, actor, now } = request;
    const row = await transaction('billing.statement')
      .where({ id: statementId })
      .forUpdate()
      .first<StatementRow | undefined>('*');
    if (row === undefined) return failure({ path: 'statement', problem: `There is no statement ${statementId}.` });
    if (reason.trim() === '') return failure({ path: 'reason', problem: 'Is empty.' });
    if (row.state !== 'sealed')
      return failure({
        path: 'statement',
        problem: `${statementId} is ${row.state}, not sealed.`,
        suggestion:
          row.state === 'draft'
            ? 'A draft is replaced when its period is closed again.'
            : 'Give back what is wrong by a credit.',
      });
    const caused = await listAdjustments(transaction, { sourceStatementIds: [statementId], isCancelled: false });
    const settled = caused.find(
      ({ appliedStatementId, stripeCreditNoteId }) =>
        appliedStatementId !== undefined || stripeCreditNoteId !== undefined,
    );
    if (settled !== undefined)
      return failure({
        path: 'statement',
        problem: `Correction ${settled.id} of ${statementId} is billed already: a new statement would bill it again.`,
        suggestion: 'Give back what is wrong by a credit.',
      });
    await transaction('billing.statement')
      .where({ id: statementId })
      .update({ state: 'void', void_reason: reason.trim(), voided_by: actor, voided_at: now });
    await transaction('billing.adjustment')
      .where({ applied_statement_id: statementId })
      .update({ applied_statement_id: null });
    await transaction('billing.adjustment').where({ source_statement_id: statementId }).update({ cancelled_at: now });
    return success(undefined);
  });
