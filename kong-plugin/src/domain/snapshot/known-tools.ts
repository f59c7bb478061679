import { compilePattern, matchesPattern } from '../policies/pattern.ts';
import type { Snapshot, SnapshotTool } from './snapshot.ts';

/** The tools of servers, where all of those servers list theirs; undefined where any does not. */
export type ToolsOf = (servers: readonly string[]) => readonly SnapshotTool[] | undefined;

/** `elsewhere`: servers of the gateway that the snapshot does not list; `*` means them too. */
export const createToolsOf = (
  { servers }: Snapshot,
  options: { readonly knownServers?: readonly string[] } = {},
): ToolsOf => {
  const byServer = new Map(servers.map(({ id, tools }) => [id, tools]));
  const all = [...new Set([...byServer.keys(), ...(options.knownServers ?? [])])];
  return (named) => {
    const tools = (named.includes('*') ? all : named).map((id) => byServer.get(id) ?? []);
    if (tools.length === 0 || tools.some((list) => list.length === 0)) return undefined;
    return tools.flat();
  };
};

export const toolsMatching = (tools: readonly SnapshotTool[], pattern: string): readonly SnapshotTool[] => {
  const compiled = compilePattern(pattern);
  return tools.filter(({ name }) => matchesPattern(compiled, name));
};
