import type { Caller } from '../caller.ts';
import type { OauthOptions } from '../server-config.ts';

/** Scopes that a tool needs and the caller's token lacks. */
export const toolScopesMissing = (
  oauth: OauthOptions,
  { tool, caller }: { readonly tool: string; readonly caller: Caller },
): readonly string[] => (oauth.toolScopes.get(tool) ?? []).filter((scope) => !caller.scopes.includes(scope));

/**
 * Scopes to name in the challenge for a tool: everything the call needs at once, with the baseline, because clients
 * exchange their token for one that has exactly the scopes of the challenge.
 */
export const scopesForTool = (oauth: OauthOptions, tool: string): readonly string[] => [
  ...new Set([...oauth.scopes, ...(oauth.toolScopes.get(tool) ?? [])]),
];
