import { describeDifference, diffDefinitions } from '../domain/pins/diff-definitions.ts';
import type { PinnedTool } from '../domain/pins/pinned-tool.ts';

/** A tool in a list: what a table shows. Times are ISO 8601. */
export const presentSummary = (tool: PinnedTool): Readonly<Record<string, unknown>> => ({
  server: tool.server,
  tool: tool.tool,
  state: tool.state,
  currentHash: tool.currentHash,
  ...(tool.approvedHash === undefined ? {} : { approvedHash: tool.approvedHash }),
  warnings: tool.warnings,
  firstSeenAt: toIso(tool.firstSeenAt),
  ...(tool.changedAt === undefined ? {} : { changedAt: toIso(tool.changedAt) }),
  ...(tool.approvedAt === undefined ? {} : { approvedAt: toIso(tool.approvedAt) }),
});

/** A tool with its definitions, and what changed since it was approved; no `diff` when nothing was. */
export const presentTool = (tool: PinnedTool): Readonly<Record<string, unknown>> => ({
  ...presentSummary(tool),
  definition: tool.definition,
  ...(tool.approvedDefinition === undefined
    ? {}
    : { approvedDefinition: tool.approvedDefinition, diff: presentDiff(tool) }),
});

const presentDiff = ({ approvedDefinition = null, definition }: PinnedTool): Readonly<Record<string, unknown>> => {
  const { differences, isCut } = diffDefinitions(approvedDefinition, definition);
  return {
    differences: differences.map((difference) => ({ ...difference, text: describeDifference(difference) })),
    isCut,
  };
};

const toIso = (time: number): string => new Date(time).toISOString();
