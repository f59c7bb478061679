/** What a live MCP server says about itself. */
export interface ServerTools {
  readonly toolNames: readonly string[];
  readonly serverInfo: { readonly name: string; readonly version: string; readonly title?: string };
  /** `modern` from 2026-07-28 on, `legacy` before. */
  readonly era: string;
}
