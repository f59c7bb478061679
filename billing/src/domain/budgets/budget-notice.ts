import { formatMoney } from '../money/money.ts';
import { formatQuantity } from '../money/quantity.ts';
import { describeScope, limitValue, type Budget, type BudgetThreshold } from './budget.ts';

/** What a notice says, as JSON: the body of the webhook and the line of the log. */
export interface BudgetNotice {
  readonly type: 'budget.threshold_reached';
  /** The same however often it is sent: a receiver acts on an id once. */
  readonly id: string;
  readonly budget: string;
  readonly tenant: string;
  readonly scope: Readonly<Record<string, string>>;
  /** `YYYY-MM`. */
  readonly month: string;
  readonly threshold: BudgetThreshold;
  readonly enforcement: Budget['enforcement'];
  readonly limit: NoticeValue;
  readonly spent: NoticeValue;
  /** For people. */
  readonly text: string;
}

/** Minor units or invocations, as text: JSON numbers end at 2^53. */
export interface NoticeValue {
  readonly kind: 'amount' | 'quantity';
  readonly value: string;
  readonly currency?: string;
  readonly text: string;
}

export const toBudgetNotice = (
  budget: Budget,
  {
    periodStart,
    threshold,
    spent,
  }: { readonly periodStart: string; readonly threshold: BudgetThreshold; readonly spent: bigint },
): BudgetNotice => {
  const month = periodStart.slice(0, 7);
  const [limit, used] = [limitValue(budget.limit), spent].map((value) => toNoticeValue(budget, value)) as [
    NoticeValue,
    NoticeValue,
  ];
  const consequence =
    threshold < 100
      ? ''
      : budget.enforcement === 'enabled'
        ? ' The gateway refuses further calls until the month ends or the budget is raised.'
        : ' Calls go on, because this budget only warns.';
  return {
    type: 'budget.threshold_reached',
    id: [budget.id, month, limit.value, threshold].join(':'),
    budget: budget.id,
    tenant: budget.tenant,
    scope: { ...budget.scope },
    month,
    threshold,
    enforcement: budget.enforcement,
    limit,
    spent: used,
    text: `Budget ${budget.id} (${describeScope(budget)}) has reached ${threshold} % in ${month}: ${used.text} of ${limit.text}.${consequence}`,
  };
};

const toNoticeValue = ({ limit }: Budget, value: bigint): NoticeValue =>
  limit.kind === 'amount'
    ? { kind: 'amount', value: value.toString(), currency: limit.currency, text: formatMoney(value, limit.currency) }
    : { kind: 'quantity', value: value.toString(), text: `${formatQuantity(value)} calls` };
