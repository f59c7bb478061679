import type { ServerContext } from '@modelcontextprotocol/server';
import { CLIENT_CAPABILITIES_META_KEY } from '@modelcontextprotocol/server';

/** Names of the capabilities in a modern request's envelope; undefined in a legacy one, which declared them once before. */
export function declaredCapabilities(context: ServerContext): ReadonlySet<string> | undefined {
  const envelope: Readonly<Record<string, unknown>> = context.mcpReq.envelope ?? {};
  const declared = envelope[CLIENT_CAPABILITIES_META_KEY];
  return typeof declared === 'object' && declared !== null ? new Set(Object.keys(declared)) : undefined;
}
