import { timeOf, type Account } from '../state/account.ts';
import { finalizeInvoice } from './invoice-lifecycle.ts';
import { processMeterEvents } from './process-meter-events.ts';
import { refreshMeteredLines } from './subscription-lines.ts';
import { cycleSubscription } from './subscription-cycle.ts';

interface Due {
  readonly at: number;
  readonly customer: string;
  readonly work: () => void;
}

/** Everything that time alone brings about, each thing at the moment it was due and in that order. */
export function runDueWork(account: Account): void {
  for (;;) {
    const next = earliest(dueItems(account));
    if (!next) break;
    at(account, next, () => {
      // Usage that was processed by then is on what is billed then.
      processMeterEvents(account);
      next.work();
    });
  }
  processMeterEvents(account);
}

/** Sets the time in which the customer lives: its test clock's, else the account's. */
function at(account: Account, due: Due, work: () => void): void {
  const testClock = account.testClocks.get(account.customers.get(due.customer)?.testClock ?? '');
  if (!testClock) {
    account.clock.at(due.at, work);
    return;
  }
  const target = testClock.frozenTime;
  testClock.frozenTime = due.at;
  try {
    work();
  } finally {
    testClock.frozenTime = target;
  }
}

function dueItems(account: Account): Due[] {
  const due: Due[] = [];
  for (const subscription of account.subscriptions.values()) {
    if (subscription.status === 'canceled' || subscription.periodEnd > timeOf(account, subscription.customer)) continue;
    const { customer } = subscription;
    due.push({ at: subscription.periodEnd, customer, work: () => cycleSubscription(account, subscription) });
  }
  for (const invoice of account.invoices.values()) {
    if (invoice.status !== 'draft' || invoice.finalizesAt === null) continue;
    if (invoice.finalizesAt > timeOf(account, invoice.customer)) continue;
    due.push({
      at: invoice.finalizesAt,
      customer: invoice.customer,
      work: () => {
        refreshMeteredLines(account, invoice);
        finalizeInvoice(account, invoice);
      },
    });
  }
  return due;
}

function earliest(due: readonly Due[]): Due | undefined {
  let found: Due | undefined;
  for (const each of due) if (!found || each.at < found.at) found = each;
  return found;
}
