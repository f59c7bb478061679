import { createFrontendPlugin, PageBlueprint } from '@backstage/frontend-plugin-api';
import { RiToolsLine } from '@remixicon/react';
import { rootRouteRef } from './routes';

const toolsPage = PageBlueprint.make({
  params: {
    path: '/tools',
    title: 'Tools',
    icon: <RiToolsLine />,
    routeRef: rootRouteRef,
    loader: () => import('./pages/ToolsPage').then(({ ToolsPage }) => <ToolsPage />),
  },
});

/** REST operations and MCP tools side by side. */
export const toolCatalogPlugin = createFrontendPlugin({
  pluginId: 'tool-catalog',
  title: 'Tools',
  icon: <RiToolsLine />,
  info: { packageJson: () => import('../package.json') },
  routes: { root: rootRouteRef },
  extensions: [toolsPage],
});
