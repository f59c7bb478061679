import type { ToolSummary } from '@mcp-governance/backstage-plugin-tool-catalog-common';

/** `all` lets everything through. */
export interface ToolFilter {
  readonly query: string;
  readonly kind: string;
  readonly server: string;
  readonly owner: string;
  readonly access: string;
}

export const filterTools = (
  tools: readonly ToolSummary[],
  { query, kind, server, owner, access }: ToolFilter,
): readonly ToolSummary[] => {
  const words = query
    .toLowerCase()
    .split(/\s+/)
    .filter((word) => word !== '');
  return tools.filter((tool) => {
    const text = `${tool.tool} ${tool.title} ${tool.description} ${tool.server}`.toLowerCase();
    return (
      words.every((word) => text.includes(word)) &&
      (kind === 'all' || tool.kind === kind) &&
      (server === 'all' || tool.server === server) &&
      (owner === 'all' || tool.owner === owner) &&
      (access === 'all' || tool.myAccess.length > 0 === (access === 'mine'))
    );
  });
};
