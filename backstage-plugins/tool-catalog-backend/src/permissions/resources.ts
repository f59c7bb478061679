import { createPermissionResourceRef } from '@backstage/plugin-permission-node';
import { RESOURCE_TYPE_APPLICATION, RESOURCE_TYPE_SERVER } from '@mcp-governance/backstage-plugin-tool-catalog-common';

/** What rules know of a server. */
export interface ServerResource {
  readonly server: string;
  /** Entity ref of the group that provides it. */
  readonly owner: string;
  /** Entity refs of the groups that may see it; empty: everybody. */
  readonly visibleTo: readonly string[];
}

/** What rules know of an application. */
export interface ApplicationResource {
  readonly id: string;
  /** Entity ref of the group that owns it. */
  readonly team: string;
  readonly tenant: string;
}

/** Lists are short enough to be judged one by one, so a query is the rule itself. */
export interface ResourceQuery {
  readonly field: 'owner' | 'visibleTo' | 'team' | 'tenant';
  readonly values: readonly string[];
}

export const serverResourceRef = createPermissionResourceRef<ServerResource, ResourceQuery>().with({
  pluginId: 'tool-catalog',
  resourceType: RESOURCE_TYPE_SERVER,
});

export const applicationResourceRef = createPermissionResourceRef<ApplicationResource, ResourceQuery>().with({
  pluginId: 'tool-catalog',
  resourceType: RESOURCE_TYPE_APPLICATION,
});
