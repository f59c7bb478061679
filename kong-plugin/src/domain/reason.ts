/**
 * Every reason for which the gateway refuses a request, in one closed union. What each looks like to the caller is in
 * `replies/reply-forms.ts`: a reason without a form does not compile.
 */
export const reasons = [
  // The request cannot be read (the reader's refusals; MCP facts §2, "Validation").
  'method_not_allowed',
  'unsupported_media_type',
  'unsupported_encoding',
  'not_acceptable',
  'too_large',
  'too_many_headers',
  'invalid_encoding',
  'invalid_json',
  'too_deep',
  'duplicate_key',
  'lookalike_key',
  'batch_refused',
  'invalid_message',
  'notification_call',
  'invalid_name',
  'header_mismatch',
  'ambiguous_header',
  'unsupported_version',
  'invalid_parameters',
  'upgrade_refused',
  'resume_refused',
  // Who is calling, and from where.
  'unauthenticated',
  'invalid_token',
  'insufficient_scope',
  'origin_refused',
  'host_refused',
  // What the caller may not do.
  'tool_denied',
  'prompt_denied',
  'resource_denied',
  'completion_denied',
  'task_denied',
  'session_denied',
  'method_denied',
  'operation_denied',
  'unknown_operation',
  // What the policy snapshot says.
  'subscription_inactive',
  'arguments_denied',
  'policy_denied',
  'tool_quarantined',
  // What the counters say.
  'rate_limited',
  'quota_exhausted',
  'concurrency_limited',
  'repeat_refused',
  'counter_unavailable',
  // The gateway itself cannot decide: it refuses.
  'governance_unavailable',
] as const;

export type Reason = (typeof reasons)[number];
