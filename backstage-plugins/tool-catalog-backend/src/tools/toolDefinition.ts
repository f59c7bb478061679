import type { RestOperation } from '../tryIt/restRequest';

/** One tool as its server defines it, whatever kind of server that is. */
export interface ToolDefinition {
  readonly tool: string;
  readonly title: string;
  readonly description: string;
  /** JSON Schema of the arguments; of a REST operation `{ path, query, body }`. */
  readonly inputSchema: Readonly<Record<string, unknown>>;
  readonly outputSchema?: Readonly<Record<string, unknown>>;
  readonly annotations?: Readonly<Record<string, unknown>>;
  readonly operation?: RestOperation;
}
