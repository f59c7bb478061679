import type {
  BackstageCredentials,
  PermissionsRegistryService,
  PermissionsService,
} from '@backstage/backend-plugin-api';
import { NotAllowedError, NotFoundError } from '@backstage/errors';
import {
  AuthorizeResult,
  type BasicPermission,
  type PolicyDecision,
  type ResourcePermission,
} from '@backstage/plugin-permission-common';
import { createConditionAuthorizer } from '@backstage/plugin-permission-node';
import {
  allAuditReadPermission,
  allCostReadPermission,
  applicationReadPermission,
  syncManagePermission,
  toolReadPermission,
  type RESOURCE_TYPE_APPLICATION,
  type RESOURCE_TYPE_SERVER,
} from '@mcp-governance/backstage-plugin-tool-catalog-common';
import { applicationResourceRef, serverResourceRef, type ApplicationResource, type ServerResource } from './resources';
import { isMember, isProvider, isVisible } from './rules';

/** Who asks, as the identity system proved it. */
export interface Viewer {
  /** Entity ref. */
  readonly user: string;
  /** Entity refs of the person and of their groups. */
  readonly claims: readonly string[];
  readonly credentials: BackstageCredentials;
}

/** Groups with rights beyond their own teams, from the configuration. */
export interface Roles {
  /** See usage and cost of every team. */
  readonly finance: readonly string[];
  /** See every audit record. */
  readonly auditors: readonly string[];
  /** Bring Kong in line with the portal. */
  readonly administrators: readonly string[];
}

export type Role = keyof Roles;

type ServerPermission = ResourcePermission<typeof RESOURCE_TYPE_SERVER>;
type ApplicationPermission = ResourcePermission<typeof RESOURCE_TYPE_APPLICATION>;

export interface AccessOptions {
  readonly permissions: PermissionsService;
  readonly registry: PermissionsRegistryService;
  readonly roles: Roles;
}

const rolePermissions: Readonly<Record<Role, BasicPermission>> = {
  finance: allCostReadPermission,
  auditors: allAuditReadPermission,
  administrators: syncManagePermission,
};

/**
 * Who may do what. Two gates, and both must open: ownership, which holds in every Backstage, and the permission framework,
 * with which an organisation takes more away. So a Backstage without permissions, or with "allow all", still shows nobody
 * another team's keys.
 */
export class Access {
  constructor(private readonly options: AccessOptions) {}

  /** The servers with which the viewer may do it. */
  async servers<Server extends ServerResource>(
    viewer: Viewer,
    permission: ServerPermission,
    servers: readonly Server[],
  ): Promise<readonly Server[]> {
    const decision = await this.decide(viewer, permission);
    const fits = createConditionAuthorizer(this.options.registry.getPermissionRuleset(serverResourceRef));
    return servers.filter((server) => ownsServer(viewer, permission, server) && fits(decision, server));
  }

  /** The applications with which the viewer may do it. */
  async applications<Application extends ApplicationResource>(
    viewer: Viewer,
    permission: ApplicationPermission,
    applications: readonly Application[],
  ): Promise<readonly Application[]> {
    const decision = await this.decide(viewer, permission);
    const fits = createConditionAuthorizer(this.options.registry.getPermissionRuleset(applicationResourceRef));
    return applications.filter(
      (application) => isMember.apply(application, { claims: [...viewer.claims] }) && fits(decision, application),
    );
  }

  /** A server that may not be seen does not exist; one that may be seen says what is missing. */
  async onServer<Server extends ServerResource>(
    viewer: Viewer,
    permission: ServerPermission,
    server: Server | undefined,
  ): Promise<Server> {
    const [seen] = server === undefined ? [] : await this.servers(viewer, toolReadPermission, [server]);
    if (seen === undefined) throw new NotFoundError('There is no such server.');
    const [allowed] = await this.servers(viewer, permission, [seen]);
    if (allowed === undefined)
      throw new NotAllowedError(`Only ${seen.owner} may do this: it is the group that provides ${seen.server}.`);
    return allowed;
  }

  /** As `onServer`, for an application. */
  async onApplication<Application extends ApplicationResource>(
    viewer: Viewer,
    permission: ApplicationPermission,
    application: Application | undefined,
  ): Promise<Application> {
    const [seen] =
      application === undefined ? [] : await this.applications(viewer, applicationReadPermission, [application]);
    if (seen === undefined) throw new NotFoundError("There is no such application, or it is not your team's.");
    const [allowed] = await this.applications(viewer, permission, [seen]);
    if (allowed === undefined)
      throw new NotAllowedError(`Your organisation does not let you do this (${permission.name}).`);
    return allowed;
  }

  async hasRole(viewer: Viewer, role: Role): Promise<boolean> {
    const isIn = this.options.roles[role].some((group) => viewer.claims.includes(group));
    return isIn && this.may(viewer, rolePermissions[role]);
  }

  async may(viewer: Viewer, permission: BasicPermission): Promise<boolean> {
    const [answer] = await this.options.permissions.authorize([{ permission }], { credentials: viewer.credentials });
    return answer?.result === AuthorizeResult.ALLOW;
  }

  private async decide(viewer: Viewer, permission: ResourcePermission): Promise<PolicyDecision> {
    const [decision] = await this.options.permissions.authorizeConditional([{ permission }], {
      credentials: viewer.credentials,
    });
    return decision ?? { result: AuthorizeResult.DENY };
  }
}

/** Seeing follows visibility; everything else about a server is its provider's. */
const ownsServer = ({ claims }: Viewer, permission: ServerPermission, server: ServerResource): boolean =>
  permission.name === toolReadPermission.name
    ? isVisible.apply(server, { claims: [...claims] })
    : isProvider.apply(server, { claims: [...claims] });
