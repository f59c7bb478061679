import type { Knex } from 'knex';
import { queryRows } from '../database/query-rows.ts';
import type { Period } from '../domain/calendar/period.ts';
import { formatQuantity } from '../domain/money/quantity.ts';
import type { StatementTenant } from '../domain/statements/statement-input.ts';
import { TOOL_KINDS } from './load-usage.ts';

export interface ClosableTenant {
  readonly tenant: StatementTenant;
  /** 1, or one more than the last void statement of the period. */
  readonly revision: number;
}

/**
 * Tenants that get a statement of the period: those with usage in it, with corrections that wait, or with a minimum, as long as
 * they are not closed; not those whose statement is sealed.
 */
export const findClosable = async (
  transaction: Knex,
  { period, also }: { readonly period: Period; readonly also: readonly string[] },
): Promise<{ readonly tenants: readonly ClosableTenant[]; readonly alreadySealed: number }> => {
  const rows = await queryRows<{
    readonly id: string;
    readonly name: string;
    readonly currency: string;
    readonly minimum_minor: bigint | null;
    readonly revision: number;
    readonly is_sealed: boolean;
  }>(
    transaction,
    `select t.id, t.name, t.currency, t.minimum_minor,
       coalesce((select max(s.revision) from billing.statement s
         where s.tenant = t.id and s.period_start = ? and s.state = 'void'), 0) + 1 as revision,
       exists (select from billing.statement s
         where s.tenant = t.id and s.period_start = ? and s.state not in ('draft', 'void')) as is_sealed
     from billing.tenant t
     where t.id = any (?)
       or exists (select from billing.usage_day u where u.tenant = t.id and u.day >= ? and u.day < ? and u.kind = any (?))
       or exists (select from billing.adjustment a where a.tenant = t.id and a.settlement = 'next_statement'
         and a.applied_statement_id is null and a.stripe_credit_note_id is null and a.cancelled_at is null)
       or (t.minimum_minor > 0 and t.status = 'active' and t.created_at < ?::date)
     order by t.id`,
    [period.start, period.start, [...also], period.start, period.end, [...TOOL_KINDS], period.end],
  );
  const tenants = rows
    .filter(({ is_sealed: isSealed }) => !isSealed)
    .map(({ id, name, currency, minimum_minor: minimumMinor, revision }) => ({
      tenant: { id, name, currency, ...(minimumMinor === null ? {} : { minimumMinor }) },
      revision,
    }));
  return { tenants, alreadySealed: rows.length - tenants.length };
};

/** Successful calls that no statement can have, because nobody is known to pay for them. */
export const findUnbillable = async (transaction: Knex, period: Period): Promise<readonly string[]> => {
  const rows = await queryRows<{ readonly tenant: string; readonly quantity: bigint }>(
    transaction,
    `select tenant, sum(n)::bigint as quantity from billing.usage_day u
     where day >= ? and day < ? and kind = any (?) and outcome = 'ok'
       and not exists (select from billing.tenant t where t.id = u.tenant)
     group by tenant order by tenant`,
    [period.start, period.end, [...TOOL_KINDS]],
  );
  return rows.map(({ tenant, quantity }) =>
    tenant === ''
      ? `${formatQuantity(quantity)} successful calls belong to no tenant.`
      : `${formatQuantity(quantity)} successful calls of ${tenant}, which has no tenant record: add one and close again.`,
  );
};
