/** One invocation as the ledger stores it: the fields that are searched, summed or billed, and the record itself. */
export interface InvocationRow {
  readonly id: string;
  /** RFC 3339 in UTC with milliseconds; the id holds the same milliseconds. */
  readonly occurredAt: string;
  /** Empty when the gateway could not tell. */
  readonly tenant: string;
  readonly application: string;
  readonly user: string | undefined;
  readonly consumer: string | undefined;
  readonly server: string;
  /** Set for MCP tools and REST operations: what can be billed. */
  readonly tool: string | undefined;
  readonly kind: string;
  readonly method: string;
  readonly decision: 'allow' | 'deny';
  readonly outcome: string;
  readonly reason: string | undefined;
  readonly rule: string | undefined;
  readonly policy: string | undefined;
  readonly policyRevision: string | undefined;
  readonly plan: string | undefined;
  readonly status: number;
  readonly upstreamStatus: number | undefined;
  readonly latencyMs: number;
  readonly upstreamMs: number | undefined;
  readonly requestBytes: number;
  readonly responseBytes: number;
  /** Hex. */
  readonly argumentsSha256: string | undefined;
  readonly traceId: string | undefined;
  readonly nodeId: string;
  readonly nodeEpoch: string;
  readonly nodeSequence: number;
  /** Hex SHA-256 of `record`. */
  readonly contentSha256: string;
  /** JSON text of the whole record, as it is stored. */
  readonly record: string;
}
