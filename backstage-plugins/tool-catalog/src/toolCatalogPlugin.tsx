import {
  ApiBlueprint,
  createFrontendPlugin,
  discoveryApiRef,
  fetchApiRef,
  PageBlueprint,
} from '@backstage/frontend-plugin-api';
import { EntityContentBlueprint } from '@backstage/plugin-catalog-react/alpha';
import {
  RiCheckDoubleLine,
  RiFileSearchLine,
  RiGitCommitLine,
  RiKey2Line,
  RiMoneyEuroCircleLine,
  RiToolsLine,
} from '@remixicon/react';
import { SERVER_ANNOTATION } from '@mcp-governance/backstage-plugin-tool-catalog-common';
import { ToolCatalogClient } from './api/ToolCatalogClient';
import { toolCatalogApiRef } from './api/toolCatalogApiRef';
import {
  applicationsRouteRef,
  approvalsRouteRef,
  auditRouteRef,
  rootRouteRef,
  toolChangesRouteRef,
  usageRouteRef,
} from './routes';

const client = ApiBlueprint.make({
  params: (defineParams) =>
    defineParams({
      api: toolCatalogApiRef,
      deps: { discoveryApi: discoveryApiRef, fetchApi: fetchApiRef },
      factory: (deps) => new ToolCatalogClient(deps),
    }),
});

const toolsPage = PageBlueprint.make({
  params: {
    path: '/tools',
    title: 'Tools',
    icon: <RiToolsLine />,
    routeRef: rootRouteRef,
    loader: () => import('./pages/tools/ToolsRouter').then(({ ToolsRouter }) => <ToolsRouter />),
  },
});

const applicationsPage = PageBlueprint.make({
  name: 'applications',
  params: {
    path: '/applications',
    title: 'My applications and keys',
    icon: <RiKey2Line />,
    routeRef: applicationsRouteRef,
    loader: () => import('./pages/applications/ApplicationsPage').then(({ ApplicationsPage }) => <ApplicationsPage />),
  },
});

const approvalsPage = PageBlueprint.make({
  name: 'approvals',
  params: {
    path: '/approvals',
    title: 'Approvals',
    icon: <RiCheckDoubleLine />,
    routeRef: approvalsRouteRef,
    loader: () => import('./pages/approvals/ApprovalsPage').then(({ ApprovalsPage }) => <ApprovalsPage />),
  },
});

const usagePage = PageBlueprint.make({
  name: 'usage',
  params: {
    path: '/usage',
    title: 'Usage and cost',
    icon: <RiMoneyEuroCircleLine />,
    routeRef: usageRouteRef,
    loader: () => import('./pages/usage/UsagePage').then(({ UsagePage }) => <UsagePage />),
  },
});

const auditPage = PageBlueprint.make({
  name: 'audit',
  params: {
    path: '/audit',
    title: 'Audit',
    icon: <RiFileSearchLine />,
    routeRef: auditRouteRef,
    loader: () => import('./pages/audit/AuditPage').then(({ AuditPage }) => <AuditPage />),
  },
});

const toolChangesPage = PageBlueprint.make({
  name: 'tool-changes',
  params: {
    path: '/tool-changes',
    title: 'Tool changes',
    icon: <RiGitCommitLine />,
    routeRef: toolChangesRouteRef,
    loader: () => import('./pages/pins/ToolChangesPage').then(({ ToolChangesPage }) => <ToolChangesPage />),
  },
});

/** Only servers behind the gateway have the tabs. */
const filter = { kind: 'api', [`metadata.annotations.${SERVER_ANNOTATION}`]: { $exists: true } };

const entityTools = EntityContentBlueprint.make({
  name: 'tools',
  params: {
    path: '/tools',
    title: 'Tools',
    filter,
    loader: () => import('./entity/entityTabs').then(({ EntityTools }) => <EntityTools />),
  },
});

const entitySubscribe = EntityContentBlueprint.make({
  name: 'subscribe',
  params: {
    path: '/subscribe',
    title: 'Subscribe',
    filter,
    loader: () => import('./entity/entityTabs').then(({ EntitySubscribe }) => <EntitySubscribe />),
  },
});

const entityTry = EntityContentBlueprint.make({
  name: 'try',
  params: {
    path: '/try',
    title: 'Try it',
    filter,
    loader: () => import('./entity/entityTabs').then(({ EntityTry }) => <EntityTry />),
  },
});

const entityMonitor = EntityContentBlueprint.make({
  name: 'monitor',
  params: {
    path: '/monitor',
    title: 'Monitor',
    filter,
    loader: () => import('./entity/entityTabs').then(({ EntityMonitor }) => <EntityMonitor />),
  },
});

/** MCP tools and REST operations: find, subscribe, try, monitor, keys, approvals, cost and audit. */
export const toolCatalogPlugin = createFrontendPlugin({
  pluginId: 'tool-catalog',
  title: 'Tools',
  icon: <RiToolsLine />,
  info: { packageJson: () => import('../package.json') },
  routes: {
    root: rootRouteRef,
    applications: applicationsRouteRef,
    approvals: approvalsRouteRef,
    usage: usageRouteRef,
    audit: auditRouteRef,
    toolChanges: toolChangesRouteRef,
  },
  extensions: [
    client,
    toolsPage,
    applicationsPage,
    approvalsPage,
    usagePage,
    auditPage,
    toolChangesPage,
    entityTools,
    entitySubscribe,
    entityTry,
    entityMonitor,
  ],
});
