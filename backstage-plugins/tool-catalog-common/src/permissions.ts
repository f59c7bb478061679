import { createPermission } from '@backstage/plugin-permission-common';

/** A server: a REST API or an MCP server with its tools. Rules: IS_PROVIDER, IS_VISIBLE. */
export const RESOURCE_TYPE_SERVER = 'tool-catalog-server';
/** An application with its subscriptions, keys, usage and cost. Rules: IS_MEMBER, IS_TENANT. */
export const RESOURCE_TYPE_APPLICATION = 'tool-catalog-application';

const onServer = <Action extends 'read' | 'update'>(name: string, action: Action) =>
  createPermission({ name, attributes: { action }, resourceType: RESOURCE_TYPE_SERVER });

const onApplication = <Action extends 'create' | 'read' | 'update' | 'delete'>(name: string, action: Action) =>
  createPermission({ name, attributes: { action }, resourceType: RESOURCE_TYPE_APPLICATION });

export const toolReadPermission = onServer('toolCatalog.tool.read', 'read');
/** Approve, reject, suspend and resume subscriptions to the server; change its plans. */
export const subscriptionApprovePermission = onServer('toolCatalog.subscription.approve', 'update');
export const serverAuditReadPermission = onServer('toolCatalog.audit.readServer', 'read');
export const serverUsageReadPermission = onServer('toolCatalog.usage.readServer', 'read');
export const pinReadPermission = onServer('toolCatalog.pin.read', 'read');
export const pinApprovePermission = onServer('toolCatalog.pin.approve', 'update');

export const applicationCreatePermission = createPermission({
  name: 'toolCatalog.application.create',
  attributes: { action: 'create' },
});
export const applicationReadPermission = onApplication('toolCatalog.application.read', 'read');
export const subscriptionCreatePermission = onApplication('toolCatalog.subscription.create', 'update');
export const subscriptionRevokePermission = onApplication('toolCatalog.subscription.revoke', 'update');
export const keyReadPermission = onApplication('toolCatalog.key.read', 'read');
export const keyManagePermission = onApplication('toolCatalog.key.manage', 'update');
export const toolTryPermission = onApplication('toolCatalog.tool.try', 'update');
export const usageReadPermission = onApplication('toolCatalog.usage.read', 'read');
export const costReadPermission = onApplication('toolCatalog.cost.read', 'read');

/** Usage and cost of every tenant and team: finance. */
export const allCostReadPermission = createPermission({
  name: 'toolCatalog.cost.readAll',
  attributes: { action: 'read' },
});
/** Every audit record: auditors. */
export const allAuditReadPermission = createPermission({
  name: 'toolCatalog.audit.readAll',
  attributes: { action: 'read' },
});
/** What separates Kong from the portal, and bringing it in line. */
export const syncManagePermission = createPermission({
  name: 'toolCatalog.sync.manage',
  attributes: { action: 'update' },
});

export const serverPermissions = [
  toolReadPermission,
  subscriptionApprovePermission,
  serverAuditReadPermission,
  serverUsageReadPermission,
  pinReadPermission,
  pinApprovePermission,
];

export const applicationPermissions = [
  applicationReadPermission,
  subscriptionCreatePermission,
  subscriptionRevokePermission,
  keyReadPermission,
  keyManagePermission,
  toolTryPermission,
  usageReadPermission,
  costReadPermission,
];

export const toolCatalogPermissions = [
  ...serverPermissions,
  ...applicationPermissions,
  applicationCreatePermission,
  allCostReadPermission,
  allAuditReadPermission,
  syncManagePermission,
];
