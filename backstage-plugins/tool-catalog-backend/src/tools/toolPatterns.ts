/** Names as the gateway's policy matches them: `*` is any run of characters, the rest is literal and case-sensitive. */
export const matchesPattern = (pattern: string, name: string): boolean => {
  const parts = pattern.split('*');
  if (parts.length === 1) return pattern === name;
  const [first = '', ...rest] = parts;
  const last = rest.pop() ?? '';
  if (!name.startsWith(first) || name.length < first.length + last.length || !name.endsWith(last)) return false;
  const end = name.length - last.length;
  let from = first.length;
  for (const part of rest) {
    const at = name.indexOf(part, from);
    if (at === -1 || at + part.length > end) return false;
    from = at + part.length;
  }
  return true;
};

export const matchesAny = (patterns: readonly string[], name: string): boolean =>
  patterns.some((pattern) => matchesPattern(pattern, name));

/** Does a subscription cover the tool: the plan includes it, and so does the subscription's own part of it, if it has one? */
export const covers = (
  plan: { readonly tools: readonly string[] },
  subscription: { readonly tools?: readonly string[] },
  tool: string,
): boolean =>
  matchesAny(plan.tools, tool) && (subscription.tools === undefined || matchesAny(subscription.tools, tool));
