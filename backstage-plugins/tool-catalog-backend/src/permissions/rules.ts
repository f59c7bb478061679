import { createConditionExports, createPermissionRule } from '@backstage/plugin-permission-node';
import { z } from 'zod';
import { applicationResourceRef, serverResourceRef } from './resources';

const claimsSchema = z.object({
  claims: z.array(z.string()).describe('Entity refs of the person and of the groups that they belong to'),
});

/** The person belongs to the group that provides the server. */
export const isProvider = createPermissionRule({
  name: 'IS_PROVIDER',
  description: 'The group that provides the server is one of the claims',
  resourceRef: serverResourceRef,
  paramsSchema: claimsSchema,
  apply: ({ owner }, { claims }) => claims.includes(owner),
  toQuery: ({ claims }) => ({ field: 'owner', values: claims }),
});

/** The server is there for everybody, or for one of the person's groups, or is their own. */
export const isVisible = createPermissionRule({
  name: 'IS_VISIBLE',
  description: 'The server is not restricted, or one of the claims may see it',
  resourceRef: serverResourceRef,
  paramsSchema: claimsSchema,
  apply: ({ owner, visibleTo }, { claims }) =>
    visibleTo.length === 0 || claims.includes(owner) || visibleTo.some((group) => claims.includes(group)),
  toQuery: ({ claims }) => ({ field: 'visibleTo', values: claims }),
});

/** The person belongs to the team that owns the application. */
export const isMember = createPermissionRule({
  name: 'IS_MEMBER',
  description: 'The team that owns the application is one of the claims',
  resourceRef: applicationResourceRef,
  paramsSchema: claimsSchema,
  apply: ({ team }, { claims }) => claims.includes(team),
  toQuery: ({ claims }) => ({ field: 'team', values: claims }),
});

/** The application belongs to the tenant. */
export const isTenant = createPermissionRule({
  name: 'IS_TENANT',
  description: 'The application belongs to one of the tenants',
  resourceRef: applicationResourceRef,
  paramsSchema: z.object({ tenants: z.array(z.string()).describe('Ids of tenants') }),
  apply: ({ tenant }, { tenants }) => tenants.includes(tenant),
  toQuery: ({ tenants }) => ({ field: 'tenant', values: tenants }),
});

export const serverRules = { isProvider, isVisible };
export const applicationRules = { isMember, isTenant };

/** For an organisation's permission policy: `serverConditions.isProvider({ claims })`. */
export const { conditions: serverConditions, createConditionalDecision: createServerDecision } = createConditionExports(
  {
    resourceRef: serverResourceRef,
    rules: serverRules,
  },
);

export const { conditions: applicationConditions, createConditionalDecision: createApplicationDecision } =
  createConditionExports({ resourceRef: applicationResourceRef, rules: applicationRules });
