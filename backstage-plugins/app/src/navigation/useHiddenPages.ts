import { useEffect, useState } from 'react';
import { useApi } from '@backstage/frontend-plugin-api';
import { toolCatalogApiRef, type ToolCatalogApi } from '@mcp-governance/backstage-plugin-tool-catalog';

type ViewerInfo = Awaited<ReturnType<ToolCatalogApi['viewer']>>;

const APPROVALS = 'page:tool-catalog/approvals';
const TOOL_CHANGES = 'page:tool-catalog/tool-changes';
const AUDIT = 'page:tool-catalog/audit';

/** Pages that would be empty for the viewer. A hint only: the backend decides what each of them shows. */
export const hiddenPages = (viewer: ViewerInfo | undefined): readonly string[] => {
  const { provides = [], roles = [] } = viewer ?? {};
  if (provides.length > 0 || roles.includes('administrators')) return [];
  return [APPROVALS, TOOL_CHANGES, ...(roles.includes('auditors') ? [] : [AUDIT])];
};

export const useHiddenPages = (): readonly string[] => {
  const catalog = useApi(toolCatalogApiRef);
  const [viewer, setViewer] = useState<ViewerInfo>();
  useEffect(() => {
    // Without an answer the pages stay hidden; their addresses still work.
    catalog.viewer().then(setViewer, () => setViewer(undefined));
  }, [catalog]);
  return hiddenPages(viewer);
};
