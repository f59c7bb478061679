import type { Issue } from '../issue.ts';
import { FULL_WEIGHT_BP, type AllocationRule } from './allocation-rule.ts';

/** Rules that would give away more than there is, or match nothing. */
export const checkAllocationRules = (rules: readonly AllocationRule[]): readonly Issue[] => [
  ...rules.flatMap((rule) => checkRule(rule, `allocation_rules[${rules.indexOf(rule)}]`)),
  ...rules.flatMap((rule, index) => checkSum(rules, { rule, path: `allocation_rules[${index}].weight_bp` })),
];

const checkRule = (rule: AllocationRule, path: string): readonly Issue[] => {
  const issues: Issue[] = [];
  if (!Number.isInteger(rule.weightBp) || rule.weightBp < 1 || rule.weightBp > FULL_WEIGHT_BP)
    issues.push({
      path: `${path}.weight_bp`,
      problem: `Must be from 1 to ${FULL_WEIGHT_BP}, not ${rule.weightBp}.`,
      suggestion: 'Write a quarter as 2500.',
    });
  if (rule.tool !== undefined && rule.server === undefined)
    issues.push({ path: `${path}.server`, problem: 'Is missing: tools of different servers may share a name.' });
  if (rule.effectiveTo !== undefined && rule.effectiveTo <= rule.effectiveFrom)
    issues.push({ path: `${path}.effective_to`, problem: `Must be after ${rule.effectiveFrom}.` });
  return issues;
};

/** On the day a rule begins, those that match exactly what it matches share at most everything. */
const checkSum = (
  rules: readonly AllocationRule[],
  { rule, path }: { readonly rule: AllocationRule; readonly path: string },
): readonly Issue[] => {
  const day = rule.effectiveFrom;
  const beside = rules.filter(
    (other) =>
      other.tenant === rule.tenant &&
      other.application === rule.application &&
      other.server === rule.server &&
      other.tool === rule.tool &&
      other.effectiveFrom <= day &&
      (other.effectiveTo === undefined || day < other.effectiveTo),
  );
  const sum = beside.reduce((before, { weightBp }) => before + weightBp, 0);
  if (sum <= FULL_WEIGHT_BP) return [];
  const ids = beside.map(({ id }) => id).join(', ');
  return [
    {
      path,
      problem: `From ${day}, ${ids} share ${sum} of ${FULL_WEIGHT_BP} basis points.`,
      suggestion: 'End one of them, or give them less.',
    },
  ];
};
