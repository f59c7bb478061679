/**
 * One line of access control. Deny beats allow; silence is a deny. Patterns: `*` any run of characters, everything else
 * literal and case-sensitive. Within a field any entry may match; all fields that are present must match.
 */
export interface Rule {
  readonly id: string;
  readonly effect: 'allow' | 'deny';
  readonly callers: CallerMatch;
  /** Tools of an MCP server or operations of a REST API, by name. */
  readonly tools: readonly string[];
  readonly prompts: readonly string[];
  /** Resources by URI; a resource template is matched by its `uriTemplate`. */
  readonly resources: readonly string[];
}

/** Empty object: every authenticated caller. Anonymous callers match only `anonymous: true`. */
export interface CallerMatch {
  readonly consumers?: readonly string[];
  readonly customIds?: readonly string[];
  readonly tags?: readonly string[];
  readonly groups?: readonly string[];
  readonly tenants?: readonly string[];
  readonly applications?: readonly string[];
  readonly anonymous?: boolean;
}
