import { AuthorizeResult, type PolicyDecision } from '@backstage/plugin-permission-common';
import type { PermissionPolicy } from '@backstage/plugin-permission-node';

/** What every signed-in person may do. What is not listed is denied. */
const forEverybody: ReadonlySet<string> = new Set(['catalog.entity.read', 'catalog.location.read']);

const allow: PolicyDecision = { result: AuthorizeResult.ALLOW };
const deny: PolicyDecision = { result: AuthorizeResult.DENY };

export const portalPolicy: PermissionPolicy = {
  async handle({ permission }, user) {
    return user !== undefined && forEverybody.has(permission.name) ? allow : deny;
  },
};
