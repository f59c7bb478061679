import type { Database } from '../database/open-database.ts';
import { queryRows, runSql } from '../database/query-rows.ts';
import { verifyDays } from '../audit/verify-days.ts';
import type { Day } from '../domain/calendar/day.ts';

/** A day whose audit chain does not hold. */
export interface BrokenDay {
  readonly day: Day;
  readonly detail: string;
}

/**
 * Follows the audit chain through the days from `from` to today that nobody has followed yet, and notes those that hold. For the
 * worker once a day: sealing a month then has only the last day to follow. Today's chain still grows, so it is never noted.
 */
export const verifyChain = async (
  database: Database,
  {
    from,
    today,
    onProgress = () => undefined,
  }: {
    readonly from: Day;
    readonly today: Day;
    readonly onProgress?: (done: number, total: number) => void;
  },
): Promise<readonly BrokenDay[]> => {
  const days = await queryRows<{ readonly day: Day }>(
    database,
    `select day from billing.audit_day where day >= ? and day <= ? and verified_at is null order by day`,
    [from, today],
  );
  const broken: BrokenDay[] = [];
  for (const [index, { day }] of days.entries()) {
    onProgress(index, days.length);
    const verdict = await verifyDays(database, { from: day, to: day });
    if (!verdict.ok) broken.push({ day, detail: describeFinding(verdict.finding) });
    else if (day < today)
      await runSql(database, `update billing.audit_day set verified_at = now() where day = ?`, [day]);
  }
  onProgress(days.length, days.length);
  return broken;
};

const describeFinding = ({
  kind,
  id,
  detail,
}: {
  readonly kind: string;
  readonly id?: string;
  readonly detail: string;
}): string => `${kind}${id === undefined ? '' : ` ${id}`}: ${detail}`;
