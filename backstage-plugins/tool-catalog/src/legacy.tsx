/**
 * The pages for an app on Backstage's old frontend system (`@backstage/core-plugin-api`): the same pages and client.
 *
 * @packageDocumentation
 */
import {
  createApiFactory,
  createPlugin,
  createRoutableExtension,
  createRouteRef,
  discoveryApiRef,
  fetchApiRef,
} from '@backstage/core-plugin-api';
import { ToolCatalogClient } from './api/ToolCatalogClient';
import { toolCatalogApiRef } from './api/toolCatalogApiRef';

const routes = {
  root: createRouteRef({ id: 'tool-catalog' }),
  applications: createRouteRef({ id: 'tool-catalog-applications' }),
  approvals: createRouteRef({ id: 'tool-catalog-approvals' }),
  usage: createRouteRef({ id: 'tool-catalog-usage' }),
  audit: createRouteRef({ id: 'tool-catalog-audit' }),
  toolChanges: createRouteRef({ id: 'tool-catalog-changes' }),
};

/** @public */
export const toolCatalogLegacyPlugin = createPlugin({
  id: 'tool-catalog',
  apis: [
    createApiFactory({
      api: toolCatalogApiRef,
      deps: { discoveryApi: discoveryApiRef, fetchApi: fetchApiRef },
      factory: (deps) => new ToolCatalogClient(deps),
    }),
  ],
  routes,
});

/** `<Route path="/tools" element={<ToolCatalogPage />} />`. @public */
export const ToolCatalogPage = toolCatalogLegacyPlugin.provide(
  createRoutableExtension({
    name: 'ToolCatalogPage',
    component: () => import('./pages/tools/ToolsRouter').then(({ ToolsRouter }) => ToolsRouter),
    mountPoint: routes.root,
  }),
);

/** `/applications`. @public */
export const ApplicationsPage = toolCatalogLegacyPlugin.provide(
  createRoutableExtension({
    name: 'ApplicationsPage',
    component: () => import('./pages/applications/ApplicationsPage').then((module) => module.ApplicationsPage),
    mountPoint: routes.applications,
  }),
);

/** `/approvals`. @public */
export const ApprovalsPage = toolCatalogLegacyPlugin.provide(
  createRoutableExtension({
    name: 'ApprovalsPage',
    component: () => import('./pages/approvals/ApprovalsPage').then((module) => module.ApprovalsPage),
    mountPoint: routes.approvals,
  }),
);

/** `/usage`. @public */
export const UsagePage = toolCatalogLegacyPlugin.provide(
  createRoutableExtension({
    name: 'UsagePage',
    component: () => import('./pages/usage/UsagePage').then((module) => module.UsagePage),
    mountPoint: routes.usage,
  }),
);

/** `/audit`. @public */
export const AuditPage = toolCatalogLegacyPlugin.provide(
  createRoutableExtension({
    name: 'AuditPage',
    component: () => import('./pages/audit/AuditPage').then((module) => module.AuditPage),
    mountPoint: routes.audit,
  }),
);

/** `/tool-changes`. @public */
export const ToolChangesPage = toolCatalogLegacyPlugin.provide(
  createRoutableExtension({
    name: 'ToolChangesPage',
    component: () => import('./pages/pins/ToolChangesPage').then((module) => module.ToolChangesPage),
    mountPoint: routes.toolChanges,
  }),
);
