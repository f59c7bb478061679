import { createHash } from 'node:crypto';
import type { Period } from '../calendar/period.ts';

/** Derived, so that whoever closes a period twice closes the same statement. */
export const statementId = ({
  tenant,
  period,
  revision,
}: {
  readonly tenant: string;
  readonly period: Period;
  readonly revision: number;
}): string => {
  const digest = createHash('sha256').update([tenant, period.start, period.end, revision].join('\n')).digest('hex');
  return `stm_${period.start.slice(0, 7).replace('-', '')}_${digest.slice(0, 16)}`;
};
