import type { Reason } from '../reason.ts';
import type { Situation } from './condition.ts';
import { counts, evaluateRule, type ConditionalFound } from './conditional-rule.ts';
import { stronger, type Found } from './name-index.ts';

/** A rule in shadow mode that counts for the call. */
export interface ShadowRule {
  readonly rule: string;
  readonly effect: 'allow' | 'deny';
}

interface Telling {
  readonly reason: Reason;
  readonly detail: string;
}

/** What all rules together say about one item. */
export interface ItemFinding {
  /** `none`: nobody allows it. */
  readonly effect: 'allow' | 'deny' | 'none';
  readonly rule?: string;
  readonly isExact: boolean;
  /** What may be told: the caller may use the item in another way. Without it the item does not exist. */
  readonly refusal?: Telling;
  /** What may be told to a caller to whom a subscription, and no rule, allows the item. */
  readonly refusalOfSubscribed?: Telling;
  readonly shadow?: readonly ShadowRule[];
}

export const nobody: ItemFinding = { effect: 'none', isExact: false };

interface Weighed {
  readonly entry: ConditionalFound;
  readonly counts: boolean;
}

/** `plain` is the strongest rule that always counts; `entries` are those that depend on the situation. */
export const weighRules = (
  plain: Found | undefined,
  entries: readonly ConditionalFound[],
  situation: Situation,
): ItemFinding => {
  if (entries.length === 0) return plain ?? nobody;
  const enforced: Weighed[] = [];
  const shadow: ShadowRule[] = [];
  for (const entry of entries) {
    if (!entry.terms.phases.includes(situation.phase)) continue;
    const isCounted = counts(entry, evaluateRule(entry, situation));
    if (!entry.terms.shadow) enforced.push({ entry, counts: isCounted });
    else if (isCounted) shadow.push(toShadow(entry));
  }
  const finding = weighEnforced(plain, enforced, situation);
  return shadow.length === 0 ? finding : { ...finding, shadow };
};

const toShadow = ({ rule, effect }: ConditionalFound): ShadowRule => ({ rule, effect });

/** Denies that tell nothing come first: whoever hears about arguments may use the item with others. */
const weighEnforced = (plain: Found | undefined, weighed: readonly Weighed[], situation: Situation): ItemFinding => {
  if (plain?.effect === 'deny') return plain;
  const inForce = weighed.filter(({ counts }) => counts).map(({ entry }) => entry);
  if (inForce.length === 0 && plain !== undefined) return toFinding(plain);
  const denies = inForce.filter(({ effect }) => effect === 'deny').sort(byOrder);
  const flat = denies.find((entry) => !isAboutArguments(entry));
  if (flat !== undefined) return denyFlatly(flat);
  const [deny] = denies;
  if (deny !== undefined) {
    const telling = aboutArguments(deny);
    return isReachable(plain, weighed, situation)
      ? { ...toFinding(deny), refusal: telling }
      : { ...toFinding(deny), refusalOfSubscribed: telling };
  }
  const allow = inForce.reduce<Found | undefined>(stronger, plain);
  if (allow !== undefined) return toFinding(allow);
  return nearMiss(weighed, situation) ?? nobody;
};

const byOrder = (left: Found, right: Found): number => left.order - right.order;

const toFinding = ({ effect, rule, isExact }: Found): ItemFinding => ({ effect, rule, isExact });

const isAboutArguments = ({ terms }: ConditionalFound): boolean => terms.when.some((each) => each.isAboutArguments);

/** An operator who writes a message wants it read, and chose to tell that the rule is there. */
const denyFlatly = (entry: ConditionalFound): ItemFinding => {
  const { message } = entry.terms;
  const finding = toFinding(entry);
  return message === undefined ? finding : { ...finding, refusal: { reason: 'policy_denied', detail: message } };
};

/** Some other arguments would be allowed, so that the caller knows the item anyway. */
const isReachable = (plain: Found | undefined, weighed: readonly Weighed[], situation: Situation): boolean =>
  plain !== undefined || weighed.some(({ entry }) => entry.effect === 'allow' && countsSomehow(entry, situation));

const countsSomehow = (entry: ConditionalFound, situation: Situation): boolean =>
  counts(entry, evaluateRule(entry, withoutArguments(situation)));

const withoutArguments = ({ arguments: _, ...rest }: Situation): Situation => rest;

const aboutArguments = (entry: ConditionalFound): Telling => {
  const sentences = entry.terms.when.flatMap(({ sentence }) => sentence ?? []);
  const [only] = sentences;
  const detail =
    sentences.length === 1 && only !== undefined
      ? `${only.mustNot}.`
      : `Refused because ${sentences.map(({ is }) => is).join(' and ')}.`;
  return { reason: 'arguments_denied', detail: entry.terms.message ?? detail };
};

/** The first rule that would have allowed the call with other arguments says which. */
const nearMiss = (weighed: readonly Weighed[], situation: Situation): ItemFinding | undefined => {
  const [missed] = weighed
    .map(({ entry }) => entry)
    .filter((entry) => entry.effect === 'allow' && countsSomehow(entry, situation))
    .sort(byOrder);
  if (missed === undefined) return undefined;
  const state = evaluateRule(missed, situation);
  const sentence = state.state === 'fails' ? state.failed.sentence : undefined;
  const detail = missed.terms.message ?? `${sentence?.must ?? 'These arguments are not allowed'}.`;
  return { effect: 'none', rule: missed.rule, isExact: false, refusal: { reason: 'arguments_denied', detail } };
};
