import type { ListedTools } from '../domain/pins/read-definitions.ts';
import type { Result } from '../domain/result.ts';

/** One page of a server's `tools/list`; `cursor` fetched it, absent for the first. */
export interface ToolPage {
  readonly cursor?: string;
  readonly listed: ListedTools;
}

/**
 * Fetches a server's whole list of tools, in either protocol era. The contract:
 *
 * - All pages from the first to the last, or a sentence that says why not: half a list proves nothing about what is gone.
 * - Bounded in time, pages and bytes, whatever the server sends; never rejects.
 * - The sentence never holds the credential.
 */
export interface ToolLister {
  list(): Promise<Result<readonly ToolPage[], string>>;
}
