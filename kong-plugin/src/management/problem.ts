/** What the management API refuses, and how it says so (RFC 9457). A code without a status does not compile. */
const statuses = {
  bad_request: 400,
  unauthorized: 401,
  not_found: 404,
  not_served: 404,
  method_not_allowed: 405,
  outdated_hash: 409,
  too_large: 413,
  unsupported_media_type: 415,
  internal_error: 500,
  unavailable: 503,
} as const;

export type ProblemCode = keyof typeof statuses;

export interface Reply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

interface ProblemOptions {
  readonly headers?: Readonly<Record<string, string>>;
  /** Members beside the standard ones. */
  readonly members?: Readonly<Record<string, string>>;
}

export const problem = (code: ProblemCode, detail: string, { headers, members }: ProblemOptions = {}): Reply => ({
  status: statuses[code],
  headers: { 'content-type': 'application/problem+json', ...headers },
  body: JSON.stringify({ type: 'about:blank', title: titleOf(code), status: statuses[code], detail, code, ...members }),
});

const titleOf = (code: ProblemCode): string => {
  const words = code.replaceAll('_', ' ');
  return `${words.charAt(0).toUpperCase()}${words.slice(1)}`;
};

export const json = (status: number, value: unknown): Reply => ({
  status,
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify(value),
});
