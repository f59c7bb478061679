import type { Reason } from '../reason.ts';

/** Long enough for a metadata URL and the scopes of a call; most servers allow 8 KB for all headers. */
const MAX_CHALLENGE_CHARACTERS = 2_048;

/** RFC 6750 §3.1 names an error only when a token was sent. */
const errorOf: Partial<Record<Reason, string>> = {
  invalid_token: 'invalid_token',
  insufficient_scope: 'insufficient_scope',
};

/**
 * The `WWW-Authenticate` of a refusal, undefined for a reason that challenges nobody. A 401 without one is not HTTP
 * (RFC 9110 §15.5.2): without OAuth configured it is `Key`, as Kong's key-auth says it.
 */
export const challengeFor = (reason: Reason, configured: string | undefined): string | undefined => {
  const error = errorOf[reason];
  if (error === undefined && reason !== 'unauthenticated') return undefined;
  // A header takes printable ASCII; a line break would start another header.
  const base = (configured ?? '')
    .slice(0, MAX_CHALLENGE_CHARACTERS)
    .replace(/[^ -~]/g, '')
    .trim();
  if (error === undefined) return base === '' ? 'Key' : base;
  const challenge = base === '' ? 'Bearer' : base;
  if (!/^Bearer\b/i.test(challenge) || /\berror=/.test(challenge)) return challenge;
  return challenge.includes(' ') ? `${challenge}, error="${error}"` : `${challenge} error="${error}"`;
};
