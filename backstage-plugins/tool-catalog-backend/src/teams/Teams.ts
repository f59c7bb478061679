import type { AuthService } from '@backstage/backend-plugin-api';
import type { CatalogService } from '@backstage/plugin-catalog-node';
import { TENANT_ANNOTATION } from '@mcp-governance/backstage-plugin-tool-catalog-common';

/** What the catalog says of groups. */
export class Teams {
  constructor(private readonly options: { readonly catalog: CatalogService; readonly auth: AuthService }) {}

  /** Tenant of a team at the gateway, from its annotation; undefined where nobody gave it one. */
  async tenantOf(team: string): Promise<string | undefined> {
    const { catalog, auth } = this.options;
    const group = await catalog.getEntityByRef(team, { credentials: await auth.getOwnServiceCredentials() });
    return group?.metadata.annotations?.[TENANT_ANNOTATION];
  }
}
