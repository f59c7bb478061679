import { wwwAuthenticate } from '../domain/identity/challenge.ts';
import { scopesForTool } from '../domain/identity/token-scopes.ts';
import type { Refusal } from '../domain/refusal.ts';
import type { ServerConfig } from '../domain/server-config.ts';

/** The `WWW-Authenticate` value that a refusal owes its caller; nothing for refusals that no credential would mend. */
export const challengeFor = (refusal: Refusal, { oauth }: ServerConfig): { readonly challenge?: string } => {
  const server = oauth === undefined ? {} : { oauth };
  switch (refusal.reason) {
    case 'unauthenticated':
      return { challenge: wwwAuthenticate(server) };
    case 'invalid_token':
      return { challenge: wwwAuthenticate({ ...server, error: 'invalid_token' }) };
    case 'insufficient_scope':
      return {
        challenge: wwwAuthenticate({
          ...server,
          error: 'insufficient_scope',
          ...(oauth === undefined ? {} : { scopes: scopesForTool(oauth, refusal.subject ?? '') }),
        }),
      };
    default:
      return {};
  }
};
