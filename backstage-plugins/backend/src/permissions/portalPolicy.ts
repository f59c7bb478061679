import {
  AuthorizeResult,
  isPermission,
  isResourcePermission,
  type PolicyDecision,
} from '@backstage/plugin-permission-common';
import type { PermissionPolicy } from '@backstage/plugin-permission-node';
import {
  applicationConditions,
  createApplicationDecision,
  createServerDecision,
  serverConditions,
} from '@mcp-governance/backstage-plugin-tool-catalog-backend';
import {
  RESOURCE_TYPE_APPLICATION,
  RESOURCE_TYPE_SERVER,
  toolCatalogPermissions,
  toolReadPermission,
} from '@mcp-governance/backstage-plugin-tool-catalog-common';

/** What every signed-in person may do. What is not listed is denied. */
const forEverybody: ReadonlySet<string> = new Set([
  'catalog.entity.read',
  'catalog.location.read',
  // Roles are groups of the configuration (`toolCatalog.roles`), which the plugin checks before it asks here.
  ...toolCatalogPermissions.filter((permission) => !isResourcePermission(permission)).map(({ name }) => name),
]);

const allow: PolicyDecision = { result: AuthorizeResult.ALLOW };
const deny: PolicyDecision = { result: AuthorizeResult.DENY };

/**
 * The policy of this portal, and a sample for an organisation's own: people see servers that are open to them, act for the
 * applications of their teams, and decide about the servers that their groups provide.
 */
export const portalPolicy: PermissionPolicy = {
  async handle({ permission }, user) {
    if (user === undefined) return deny;
    if (forEverybody.has(permission.name)) return allow;
    const claims = user.info.ownershipEntityRefs;
    if (isPermission(permission, toolReadPermission))
      return createServerDecision(permission, serverConditions.isVisible({ claims }));
    if (isResourcePermission(permission, RESOURCE_TYPE_SERVER))
      return createServerDecision(permission, serverConditions.isProvider({ claims }));
    if (isResourcePermission(permission, RESOURCE_TYPE_APPLICATION))
      return createApplicationDecision(permission, applicationConditions.isMember({ claims }));
    return deny;
  },
};
