import type { AuthService } from '@backstage/backend-plugin-api';
import { CATALOG_FILTER_EXISTS } from '@backstage/catalog-client';
import { stringifyEntityRef } from '@backstage/catalog-model';
import type { CatalogService } from '@backstage/plugin-catalog-node';
import { COST_CENTER_ANNOTATION, TENANT_ANNOTATION } from '@mcp-governance/backstage-plugin-tool-catalog-common';

/** What the catalog says of groups. */
export class Teams {
  constructor(private readonly options: { readonly catalog: CatalogService; readonly auth: AuthService }) {}

  /** Tenant of a team at the gateway, from its annotation; undefined where nobody gave it one. */
  async tenantOf(team: string): Promise<string | undefined> {
    const { catalog, auth } = this.options;
    const group = await catalog.getEntityByRef(team, { credentials: await auth.getOwnServiceCredentials() });
    return group?.metadata.annotations?.[TENANT_ANNOTATION];
  }

  /** Cost centre by team, of those that have one. */
  async costCenters(): Promise<ReadonlyMap<string, string>> {
    const { catalog, auth } = this.options;
    const { items } = await catalog.getEntities(
      { filter: { kind: 'Group', [`metadata.annotations.${COST_CENTER_ANNOTATION}`]: CATALOG_FILTER_EXISTS } },
      { credentials: await auth.getOwnServiceCredentials() },
    );
    return new Map(
      items.map((group) => [stringifyEntityRef(group), group.metadata.annotations?.[COST_CENTER_ANNOTATION] ?? '']),
    );
  }
}
