import type { Verdict } from '../policy/oracle.ts';
import { printable } from '../table.ts';

/** The rule that decides, and those that look at arguments nobody gave. */
export const ruleCell = ({ rule, dependsOn }: Verdict): string =>
  dependsOn.length === 0 ? printable(rule) : `${printable(rule)} (arguments: ${dependsOn.map(printable).join(', ')})`;
